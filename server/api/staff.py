"""Staff commands over REST: the commands of an instructor's socket, one call each."""

from protocol.attempt import view
from protocol.attempt.commands import Steer
from protocol.codes import Code
from protocol.messages import (
    AllowDevice,
    CancelAttempt,
    EndAttempt,
    ExtendAttempt,
    MessageAttempt,
    PauseAttempt,
    ReopenAttempt,
    StaffCommand,
)
from protocol.rest import CommandReply, ExtendBody, MessageBody, ReasonBody, ReopenBody
from server.api.endpoint import HAS_ENDED, STAFF, Call, Endpoint
from server.api.lookup import done, find_attempt
from server.ids import new_id
from server.orders import carry_out


async def pause(call: Call) -> CommandReply:
    body: ReasonBody = call.body
    return await _steer(call, PauseAttempt(body.command_id or new_id(), call.path["attempt_id"], body.reason))


async def extend(call: Call) -> CommandReply:
    body: ExtendBody = call.body
    return await _steer(
        call, ExtendAttempt(body.command_id or new_id(), call.path["attempt_id"], body.add_ms, body.reason)
    )


async def message(call: Call) -> CommandReply:
    body: MessageBody = call.body
    return await _steer(call, MessageAttempt(body.command_id or new_id(), call.path["attempt_id"], body.text))


async def end(call: Call) -> CommandReply:
    body: ReasonBody = call.body
    return await _steer(call, EndAttempt(body.command_id or new_id(), call.path["attempt_id"], body.reason))


async def cancel(call: Call) -> CommandReply:
    body: ReasonBody = call.body
    return await _steer(call, CancelAttempt(body.command_id or new_id(), call.path["attempt_id"], body.reason))


async def reopen(call: Call) -> CommandReply:
    body: ReopenBody = call.body
    return await _steer(
        call, ReopenAttempt(body.command_id or new_id(), call.path["attempt_id"], body.left_ms, body.reason)
    )


async def allow_device(call: Call) -> CommandReply:
    body: ReasonBody = call.body
    return await _steer(call, AllowDevice(body.command_id or new_id(), call.path["attempt_id"], body.reason))


async def _steer(call: Call, order: StaffCommand) -> CommandReply:
    live = await find_attempt(call)
    outcome = done(await carry_out(call.node, live, Steer(call.principal.actor, order)))
    return CommandReply(command_id=order.command_id, seq=outcome.attempt.seq, state=view.state(outcome.attempt))


def _endpoint(name: str, summary: str, handle: object, body: type, *refusals: Code) -> Endpoint:
    return Endpoint(
        method="POST",
        path=f"/test-attempts/{{attempt_id}}/{name}",
        summary=summary,
        handle=handle,  # type: ignore[arg-type]
        body=body,
        reply=CommandReply,
        roles=STAFF,
        refusals=(Code.NOT_FOUND, Code.TOO_MANY_OPERATIONS, Code.COMMAND_REUSED, *refusals),
    )


ENDPOINTS = [
    _endpoint("pause", "Stop the clock.", pause, ReasonBody, Code.NOT_STARTED, Code.PAUSED, Code.COLLECTED, *HAS_ENDED),
    _endpoint(
        "extend",
        "Move the deadline.",
        extend,
        ExtendBody,
        Code.NOT_STARTED,
        Code.NO_DEADLINE,
        Code.COLLECTED,
        *HAS_ENDED,
    ),
    _endpoint("messages", "Tell the candidate something.", message, MessageBody, *HAS_ENDED),
    _endpoint(
        "end",
        "Collect the paper: the deadline is now, and what is on the wire arrives in the grace.",
        end,
        ReasonBody,
        Code.NOT_STARTED,
        Code.REASON_REQUIRED,
        Code.COLLECTED,
        *HAS_ENDED,
    ),
    _endpoint("cancel", "Make the attempt void.", cancel, ReasonBody, Code.REASON_REQUIRED, *HAS_ENDED),
    _endpoint(
        "reopen",
        "Let the candidate go on.",
        reopen,
        ReopenBody,
        Code.REASON_REQUIRED,
        Code.NOT_ENDED,
        Code.CANCELLED,
    ),
    _endpoint(
        "allow-device",
        "Let one new device have an attempt whose link another device has bound.",
        allow_device,
        ReasonBody,
        Code.REASON_REQUIRED,
        Code.LINK_OPEN,
        *HAS_ENDED,
    ),
]
