"""Staff commands over REST: the commands of an instructor's socket, one call each."""

from collections.abc import Awaitable, Callable
from typing import Final, NamedTuple

from msgspec.structs import asdict

from protocol.attempt import view
from protocol.attempt.commands import Steer
from protocol.attempt.kinds import ASKED
from protocol.codes import Code
from protocol.messages.staff import (
    AcceptAttempt,
    AccommodateAttempt,
    AcknowledgeHand,
    AdmitAttempt,
    AllowDevice,
    ApplyRules,
    CancelAttempt,
    EndAttempt,
    ExtendAttempt,
    MessageAttempt,
    PauseAttempt,
    ReinstateAttempt,
    ReopenAttempt,
    StaffCommand,
    WarnAttempt,
)
from protocol.rest.body import Body
from protocol.rest.commands import (
    AccommodateBody,
    ApplyRulesBody,
    CancelBody,
    CommandReply,
    EndBody,
    ExtendBody,
    MessageBody,
    ReasonBody,
    ReinstateBody,
    ReopenBody,
)
from server.api.endpoint import HAS_ENDED, Call, Endpoint
from server.api.lookup import done, find_attempt
from server.ids import new_id
from server.orders import carry_out


def _handle(command: type[StaffCommand]) -> Callable[[Call], Awaitable[CommandReply]]:
    """Carries out the command of this type. A body has the command's fields, by the same names."""

    async def handle(call: Call) -> CommandReply:
        given = asdict(call.body)
        command_id = given.pop("command_id") or new_id()
        order = command(command_id=command_id, attempt_id=call.path["attempt_id"], **given)
        live = await find_attempt(call)
        outcome = done(await carry_out(call.node, live, Steer(call.principal.actor, order)))
        return CommandReply(command_id=command_id, seq=outcome.attempt.seq, state=view.state(outcome.attempt))

    return handle


class _Call(NamedTuple):
    """Where a command is given, and what may be refused besides what any command may meet."""

    name: str
    summary: str
    body: type[Body]
    refusals: tuple[Code, ...]


def _endpoint(command: type[StaffCommand], call: _Call) -> Endpoint:
    kind = ASKED[command]
    assert kind.act is not None, "whoever may give a staff command has a right to it"
    reason = (Code.REASON_REQUIRED,) if kind.reasoned else ()
    meanwhile = () if ASKED[command].only_words else (Code.ACTED_MEANWHILE,)
    # Words that show nothing are too few, and no schema can say so.
    blank = (Code.OUT_OF_RANGE,) if command is MessageAttempt or "said" in call.body.__struct_fields__ else ()
    told = (*meanwhile, *reason, *blank, *call.refusals)
    return Endpoint(
        method="POST",
        path=f"/test-attempts/{{attempt_id}}/{call.name}",
        summary=call.summary,
        handle=_handle(command),
        body=call.body,
        reply=CommandReply,
        act=kind.act,
        refusals=(Code.NOT_FOUND, Code.TOO_MANY_OPERATIONS, Code.COMMAND_REUSED, *told),
    )


_CALLS: Final[dict[type[StaffCommand], _Call]] = {
    PauseAttempt: _Call(
        "pause", "Stop the clock.", ReasonBody, (Code.NOT_STARTED, Code.PAUSED, Code.COLLECTED, *HAS_ENDED)
    ),
    ExtendAttempt: _Call(
        "extend", "Move the deadline.", ExtendBody, (Code.NOT_STARTED, Code.NO_DEADLINE, Code.COLLECTED, *HAS_ENDED)
    ),
    MessageAttempt: _Call("messages", "Send the candidate a message.", MessageBody, (Code.OUT_OF_RANGE, *HAS_ENDED)),
    WarnAttempt: _Call(
        "warn", "Give the candidate a formal warning, which is kept in the record.", ReasonBody, HAS_ENDED
    ),
    EndAttempt: _Call(
        "end",
        "Collect the paper: the deadline is now, and what is on the wire arrives in the grace.",
        EndBody,
        (Code.NOT_STARTED, Code.COLLECTED, *HAS_ENDED),
    ),
    AdmitAttempt: _Call(
        "admit",
        "Let a candidate in who waits before the start.",
        ReasonBody,
        (Code.NOT_WAITING, Code.ALREADY_STARTED, *HAS_ENDED),
    ),
    CancelAttempt: _Call("cancel", "Make the attempt void.", CancelBody, HAS_ENDED),
    ReinstateAttempt: _Call(
        "reinstate",
        "Make a cancelled attempt, or one whose candidate was absent, what it was before.",
        ReinstateBody,
        (Code.NOT_CANCELLED, Code.WINDOW_CLOSED, Code.ATTEMPT_OPEN, Code.ATTEMPT_LIMIT),
    ),
    ReopenAttempt: _Call(
        "reopen",
        "Let the candidate go on.",
        ReopenBody,
        (Code.NOT_ENDED, Code.CANCELLED, Code.ABSENT, Code.ATTEMPT_OPEN, Code.OUT_OF_RANGE),
    ),
    AcceptAttempt: _Call(
        "accept",
        "Take what was abandoned as it stands: it is handed in, and marked.",
        EndBody,
        (Code.NOT_ABANDONED,),
    ),
    AllowDevice: _Call(
        "allow-device",
        "Let one new device have an attempt whose link another device has bound.",
        ReasonBody,
        (Code.LINK_OPEN, *HAS_ENDED),
    ),
    AccommodateAttempt: _Call(
        "accommodate",
        "Grant the candidate extra time on top of the test's duration, instead of what she had.",
        AccommodateBody,
        (Code.WOULD_SHORTEN, Code.COLLECTED, *HAS_ENDED),
    ),
    ApplyRules: _Call(
        "apply-rules",
        "Put the rules of the test's newest version in force for an attempt that has started.",
        ApplyRulesBody,
        (Code.NOT_STARTED, Code.WOULD_SHORTEN, Code.COLLECTED, *HAS_ENDED),
    ),
    AcknowledgeHand: _Call(
        "acknowledge-hand",
        "Tell a candidate that her hand was seen.",
        ReasonBody,
        (Code.NO_HAND, *HAS_ENDED),
    ),
}
"""One row for each staff command. `resume` is in `attempts`: its path serves candidates who come back too."""

ENDPOINTS = [_endpoint(command, call) for command, call in _CALLS.items()]
