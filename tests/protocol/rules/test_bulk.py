"""Acts on many attempts: their commands, and whom a filter means."""

from typing import Any, get_args

import msgspec
import pytest

from clients.vectors import ROW
from protocol.messages.monitor import Row
from protocol.messages.staff import StaffCommand
from protocol.orders import COMMANDS, AnyOrder, Filter, name_of, reason_of
from protocol.rules.bulk import act_of, command_for, command_id_of, matches, unknown_statuses
from protocol.rules.rights import Act

decode = msgspec.json.Decoder(AnyOrder).decode


@pytest.mark.parametrize("kind", get_args(StaffCommand))
def test_every_staff_command_can_be_given_to_many(kind: type[StaffCommand]) -> None:
    (order_type,) = (order for order, command in COMMANDS.items() if command is kind)
    given: dict[str, Any] = {"text": "Hello", "add_ms": 1_000, "left_ms": 1_000, "extra_time_ms": 1_000}
    fields = {name: value for name, value in given.items() if name in order_type.__struct_fields__}
    tag = str(kind.__struct_config__.tag)
    order = decode(msgspec.json.encode({"t": tag, **fields}))
    command = command_for(order, "b", "a")
    assert type(command) is kind
    assert (command.command_id, command.attempt_id) == (command_id_of("b", "a"), "a")
    assert {name: getattr(command, name) for name in fields} == fields
    assert act_of(order) == Act(tag)
    assert decode(msgspec.json.encode(order)) == order


def test_an_order_has_no_ids_of_its_own() -> None:
    for bad in ({"t": "pause", "command_id": "c"}, {"t": "pause", "attempt_id": "a"}, {"t": "what"}, {"t": "extend"}):
        with pytest.raises(msgspec.ValidationError):
            decode(msgspec.json.encode(bad))
    order = decode(b'{"t": "grant_attempt", "reason": "x"}')
    assert (name_of(order), act_of(order), reason_of(order)) == ("grant_attempt", Act.GRANT_ATTEMPT, "x")
    assert reason_of(decode(b'{"t": "message", "text": "Leave."}')) == "Leave."


def test_ids_are_those_of_the_act_and_the_attempt() -> None:
    ids = {command_id_of(bulk, attempt) for bulk in ("b", "c") for attempt in ("a", "d")}
    assert len(ids) == 4
    assert command_id_of("b", "a") == command_id_of("b", "a")


def test_a_filter_means_whoever_fits_all_that_it_says() -> None:
    row: Row = msgspec.structs.replace(
        ROW, status="in_progress", section_id="s1", branch_id="north", hand="raised", admission="waiting"
    )

    def fits(connection: str = "online", members: frozenset[str] = frozenset(), **said: Any) -> bool:
        return matches(Filter(**said), row, connection, members)

    hers = frozenset({row.user_id})
    assert fits()
    cases: tuple[tuple[dict[str, Any], bool], ...] = (
        ({"statuses": ["in_progress", "paused"]}, True),
        ({"statuses": ["paused"]}, False),
        ({"sections": ["s1"]}, True),
        ({"sections": ["s2"]}, False),
        ({"branches": ["north"]}, True),
        ({"branches": ["south"]}, False),
        ({"groups": ["g"], "members": hers}, True),
        ({"groups": ["g"]}, False),
        ({"connection": "online"}, True),
        ({"hand_raised": True, "waiting": True}, True),
        ({"hand_raised": True, "statuses": ["paused"]}, False),
    )
    for said, is_so in cases:
        wanted = dict(said)
        members = wanted.pop("members", frozenset())
        if "connection" in wanted:
            assert matches(Filter(**wanted), row, "online", members) is is_so
        else:
            assert fits("online", members, **wanted) is is_so, said
    for connection in ("offline", "unknown"):
        assert matches(Filter(connection="offline"), row, connection, ())
        assert not matches(Filter(connection="online"), row, connection, ())
    assert unknown_statuses(Filter(statuses=["paused", "sleeping"])) == ["sleeping"]
    assert unknown_statuses(Filter()) == []
