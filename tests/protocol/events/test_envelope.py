"""Events as bytes."""

from datetime import UTC, datetime

import msgspec
from hypothesis import example, given
from hypothesis import strategies as st

from protocol.attempt.model import Actor, Role
from protocol.events.envelope import envelope, instant, of_audit
from protocol.rules.audit import SubscriptionChanged

_LAST_MS = 253_402_300_799_999
"""The last millisecond of the year 9999."""


@given(st.integers(0, _LAST_MS))
@example(0)
@example(951_782_400_000)  # 2000-02-29
@example(4_107_542_399_999)  # 2100-02-28, which has no day after it in that month
@example(_LAST_MS)
def test_instants_are_those_of_the_calendar(at_ms: int) -> None:
    expected = datetime.fromtimestamp(at_ms // 1000, UTC).replace(microsecond=at_ms % 1000 * 1000)
    assert instant(at_ms) == expected.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def test_an_envelope_keeps_the_bytes_of_its_data() -> None:
    data = '{"b": 1,"a":"é"}'
    made = envelope("a:1", "attempt.created", 1_000, data)
    assert data.encode() in made
    assert msgspec.json.decode(made) == {
        "id": "a:1",
        "type": "attempt.created",
        "timestamp": "1970-01-01T00:00:01.000Z",
        "data": {"b": 1, "a": "é"},
    }


def test_entries_of_two_organisations_have_two_ids() -> None:
    by, entry = Actor(Role.SERVICE, "platform"), SubscriptionChanged("s", "made")
    one, other = (of_audit(org, 3, 5, by, entry) for org in ("school", "college"))
    assert one.event_id != other.event_id
    assert (one.topic, one.lane) == ("audit.subscription_changed", "")
    data = msgspec.json.decode(one.data)
    assert (data["org_id"], data["seq"], data["by"], data["by_role"]) == ("school", 3, "platform", "service")
