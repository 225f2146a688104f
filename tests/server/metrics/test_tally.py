"""Commands are counted by what was asked."""

import pytest

from protocol.attempt.commands import AnyCommand, Begin, HandIn, Operate, Steer, Wake
from protocol.attempt.model import Actor, Role
from protocol.codes import Code
from protocol.messages.operations import Answer
from protocol.messages.staff import MessageAttempt
from server.metrics.tally import Tally, kind_name

ADA = Actor(Role.CANDIDATE, "ada")


@pytest.mark.parametrize(
    ("command", "name"),
    [
        (Operate(ADA, None, Answer(1, "q", "a", None, 0)), "answer"),
        (Steer(ADA, MessageAttempt("c", "a", "hello")), "message"),
        (Begin(ADA, 0), "begin"),
        (HandIn(ADA, 0), "hand_in"),
        (Wake(ADA), "wake"),
    ],
)
def test_a_command_has_the_name_of_its_message_or_its_own(command: AnyCommand, name: str) -> None:
    tally = Tally()
    tally.command(command, "done")
    tally.command(command, "done")
    tally.command(command, "refused")
    named = {outcome: {kind_name(kind): n for kind, n in kinds.items()} for outcome, kinds in tally.commands.items()}
    assert named == {"done": {name: 2}, "unchanged": {}, "refused": {name: 1}}


def test_refusals_are_counted_by_code() -> None:
    tally = Tally()
    for code in (Code.PAUSED, Code.NOT_FOUND, Code.PAUSED):
        tally.refuse(code)
    assert tally.refusals == {Code.PAUSED: 2, Code.NOT_FOUND: 1}
