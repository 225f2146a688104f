"""The schemas of events: whatever is told fits its own, and nothing else does."""

from typing import Any, Final

import msgspec
import pytest
from jsonschema import Draft202012Validator
from msgspec.structs import replace

from protocol.attempt import view
from protocol.attempt.events import event_of, whose
from protocol.attempt.evolve import fold
from protocol.attempt.model import Actor, Role, Status
from protocol.events import presence
from protocol.events.envelope import envelope, of_audit
from protocol.events.progress import TOLD as TOLD_NOW_AND_THEN
from protocol.events.progress import AnalyticsEvent, analytics, tell
from protocol.events.schemas import document
from protocol.events.security import device_refused
from protocol.events.topics import TOPICS
from protocol.limits import AWAY_AFTER_MS
from protocol.rules.audit import ENTRIES, Entry
from tests.golden.story import START_MS, make, records

DOCUMENT: Final = document()
FITS: Final = {topic: Draft202012Validator(DOCUMENT | {"oneOf": [{"$ref": f"#/$defs/{topic}"}]}) for topic in TOPICS}
"""What an event of each topic fits: of all that the document lets one be, no other has its `type`. To try them all
takes seventy times as long."""


def told() -> list[dict[str, Any]]:
    """An event of each topic, as it goes out; where a field may be left out, with it and without."""
    found: list[bytes] = []
    log = records()
    for number, record in enumerate(log, start=1):
        attempt = fold(log[:number])
        assert attempt is not None
        event = event_of(attempt, record)
        if event is not None:
            found.append(envelope(event.event_id, event.topic, event.at_ms, event.payload.decode()))
        saved = view.answers(attempt)
        one = device_refused(attempt, "tablet", "203.0.113.7", START_MS)
        found.append(envelope(one.event_id, one.topic, one.at_ms, one.data))
        gone = presence.away(attempt, START_MS, AWAY_AFTER_MS)
        back = presence.returned(replace(attempt, status=Status.IN_PROGRESS, lost_ms=0), record, AWAY_AFTER_MS)
        assert back is not None
        found.append(envelope(gone.event_id, gone.topic, gone.at_ms, gone.data))
        found.append(envelope(back.event_id, back.topic, back.at_ms, back.payload.decode()))
        fields = dict.fromkeys(AnalyticsEvent.__struct_fields__, 1) | whose(attempt) | {"stuck": ["q1"]}
        stands = analytics(msgspec.convert(fields, AnalyticsEvent))
        found.append(envelope(stands.event_id, stands.topic, stands.at_ms, stands.data))
        for topic, data in tell(attempt, TOLD_NOW_AND_THEN, saved, ["q9"]).items():
            found.append(envelope(f"{number}:{topic}", topic, START_MS, data.decode()))
    for kind in ENTRIES.values():
        for bare in (False, True):
            entry = make(kind, 1, bare=bare)
            assert isinstance(entry, Entry)
            one = of_audit("school", 1, START_MS, Actor(Role.SERVICE, "platform"), entry)
            found.append(envelope(one.event_id, one.topic, one.at_ms, one.data))
    return [msgspec.json.decode(event) for event in found]


TOLD: Final = told()


def test_each_topic_is_told_by_its_type_alone() -> None:
    assert DOCUMENT["oneOf"] == [{"$ref": f"#/$defs/{topic}"} for topic in TOPICS]
    for topic in TOPICS:
        fields = DOCUMENT["$defs"][topic]
        assert (fields["properties"]["type"], "type" in fields["required"]) == ({"const": topic}, True)


@pytest.mark.parametrize("topic", TOPICS)
def test_what_is_told_fits_the_schema(topic: str) -> None:
    events = [event for event in TOLD if event["type"] == topic]
    assert events
    for event in events:
        FITS[topic].validate(event)


@pytest.mark.parametrize("topic", TOPICS)
def test_what_lacks_a_field_or_is_of_another_topic_does_not(topic: str) -> None:
    event = next(event for event in TOLD if event["type"] == topic)
    for name in event["data"]:
        short = event | {"data": {key: value for key, value in event["data"].items() if key != name}}
        assert not FITS[topic].is_valid(short), name
    other = "attempt.created" if topic.startswith("audit.") else "audit.person_erased"
    assert not FITS[other].is_valid(event | {"type": other})
