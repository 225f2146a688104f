"""The checker's own tables. It knows nothing of the server's; where one of them lacks a kind, it is said here."""

from typing import get_args

from loadtest.checker import kinds as checkers
from loadtest.checker.evidence import FACTS
from loadtest.drill.steward import ORDERS
from protocol.attempt.commands import DecideLate, MarkByHand, Regrade
from protocol.attempt.kinds import ASKED, KINDS
from protocol.attempt.model import Status
from protocol.messages.staff import AllowDevice, StaffCommand
from tests.simulation.plan import Order

ANYWHERE = {"created", "connected", "disconnected", "receipted"}
"""The checker does not ask from where these come: the first is its affair elsewhere, the others may come late."""


def test_every_kind_has_a_row() -> None:
    assert set(checkers.KINDS) == {kind.tag for kind in KINDS}


def test_every_kind_is_accepted_from_where_the_table_says() -> None:
    for kind in KINDS:
        origins = checkers.KINDS[kind.tag].origins
        assert (origins is None) is (kind.tag in ANYWHERE)
        assert origins is None or {Status(name) for name in origins} == kind.origins, kind.tag


def test_every_event_is_looked_for() -> None:
    assert {kind.tag: checkers.KINDS[kind.tag].told for kind in KINDS} == {
        kind.tag: kind.topic is not None for kind in KINDS
    }


def test_every_operation_and_command_is_found_in_the_log() -> None:
    asked = {
        str(message.__struct_config__.tag): kind.tag  # type: ignore[attr-defined]
        for message, kind in ASKED.items()
        if message not in (DecideLate, MarkByHand, Regrade)
    }
    assert {"create": "created", **asked} == FACTS


def test_the_simulation_gives_every_command() -> None:
    tags = {str(command.__struct_config__.tag) for command in get_args(StaffCommand)}
    (kinds,) = (get_args(hint) for name, hint in Order.__annotations__.items() if name == "kind")
    assert set(kinds) == tags


def test_the_drill_gives_every_command_but_those_that_it_leaves_out_on_purpose() -> None:
    # Links open on any device.
    assert set(get_args(StaffCommand)) - set(ORDERS) == {AllowDevice}
