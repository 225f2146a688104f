"""Who has the attempt: connections that come and go, and devices."""

from typing import Final

from protocol import limits
from protocol.attempt.commands import Connect, Disconnect
from protocol.attempt.decisions.rules import ALREADY, Decision, is_late, next_records
from protocol.attempt.decisions.watching import beside_connect
from protocol.attempt.facts import Connected, Disconnected, Fact, Paused, Resumed
from protocol.attempt.model import ENDED, Attempt, Status, Terms
from protocol.codes import Code
from protocol.errors import Refusal, refuse

_LOST: Final = "connection lost"
"""Why the clock stands."""


def connect(attempt: Attempt, command: Connect, now_ms: int, terms: Terms) -> Decision:
    """A client is there. It takes the place of the connection before it, if it may under the terms in force."""
    decision = _connect(attempt, command, now_ms, terms)
    if isinstance(decision, Refusal) or not decision or not terms.watches:
        return decision
    return beside_connect(attempt, decision, command.device, command.address, now_ms)


def _connect(attempt: Attempt, command: Connect, now_ms: int, terms: Terms) -> Decision:
    if attempt.status in ENDED:
        # She only looks: nothing of that belongs into the record.
        return _barred(attempt, command.device, terms) or ALREADY
    refusal = _barred(attempt, command.device, terms) or _not_connectable(attempt, command, terms)
    if refusal is not None:
        return refusal
    connected = Connected(
        command.connection_id,
        command.client,
        command.device,
        command.connect_n,
        command.address,
        command.browser,
        command.node,
        command.seen_seq,
        command.restored,
    )
    ended = () if command.gone is None else facts_of_loss(attempt, command.gone, now_ms)
    stopped = next((fact for fact in ended if isinstance(fact, Paused)), None)
    if stopped is not None:
        # Nobody was there to let the clock run again when the budget was used up.
        budget_ms = terms.pause_budget_ms - attempt.pause_used_ms
        again_ms = min(now_ms, stopped.at_ms + budget_ms)
        reason = "connected again" if again_ms == now_ms else "pause budget used up"
        return next_records(attempt, command.by, now_ms, *ended, Resumed(again_ms, None, reason), connected)
    if attempt.pause is not None and (attempt.pause.connection_lost or attempt.pause.until_return):
        return next_records(attempt, command.by, now_ms, *ended, connected, Resumed(now_ms, None, "connected again"))
    return next_records(attempt, command.by, now_ms, *ended, connected)


def _barred(attempt: Attempt, device: str, terms: Terms) -> Refusal | None:
    """Why this device must stay away; None: it need not. With links that open once, the attempt belongs to the device
    that connected last, and only staff let another one come. The device's id is its key: it must not be guessable."""
    if not terms.link_opens_once or device == attempt.device:
        return None
    if attempt.device is not None and (attempt.status in ENDED or not attempt.device_allowed):
        return refuse(Code.LINK_USED)
    if len(device) < limits.MIN_DEVICE_KEY_CHARS:
        return refuse(
            Code.OUT_OF_RANGE,
            f"This test binds its links: the field device must have at least {limits.MIN_DEVICE_KEY_CHARS} characters, "
            "made of chance.",
        )
    return None


def _not_connectable(attempt: Attempt, command: Connect, terms: Terms) -> Refusal | None:
    """Why this connect is refused; None: it is not. Another device gets the attempt only if a person asked for it, and
    an older connect of a device never replaces a newer one."""
    device = command.device
    if command.connect_n <= attempt.devices.get(device, 0):
        return refuse(Code.SUPERSEDED)
    if attempt.device in (None, device):
        return None
    is_held = attempt.connection_id not in (None, command.gone and command.gone.connection_id)
    if is_held and not terms.newest_connection_wins:
        return refuse(Code.CONNECTION_EXISTS)
    return None if command.takeover else refuse(Code.CONNECTION_EXISTS)


def disconnect(attempt: Attempt, command: Disconnect, now_ms: int) -> Decision:
    """A connection has gone. Where the test says so the clock stops."""
    return next_records(attempt, command.by, now_ms, *facts_of_loss(attempt, command, now_ms))


def may_stand(attempt: Attempt) -> bool:
    """Whether the clock runs, and the loss of the connection stops it."""
    terms = attempt.terms
    # Asked with every answer: what most tests do not allow comes first.
    return (
        terms is not None
        and terms.pause_on_disconnect
        and attempt.status is Status.IN_PROGRESS
        and attempt.pause_used_ms < terms.pause_budget_ms
        and not attempt.collected
    )


def goes_on_standing(attempt: Attempt, now_ms: int) -> tuple[Paused, ...]:
    """What follows when staff end their pause: if the candidate's connection was lost before or during it, the clock
    stands for that from now on, as it would if staff had never stopped it. `attempt` is still paused."""
    pause, terms = attempt.pause, attempt.pinned
    was_there = attempt.connection_id is None and attempt.device is not None
    if pause is None or pause.connection_lost or pause.until_return or not was_there:
        return ()
    has_time = all(clock.of is not None or clock.soft or clock.left_ms for clock in attempt.clocks)
    stands = terms.pause_on_disconnect and attempt.pause_used_ms < terms.pause_budget_ms and has_time
    return (Paused(now_ms, True, None, _LOST),) if stands else ()


def facts_of_loss(attempt: Attempt, command: Disconnect, now_ms: int, *, found_late: bool = False) -> tuple[Fact, ...]:
    """`found_late`: nobody could record the loss before the closing, so it counts even now."""
    if attempt.connection_id != command.connection_id:
        return ()
    gone = Disconnected(command.connection_id, command.last_contact_ms)
    # A connection that had already fallen silent stops the clock from its last sign of life, but never from before
    # the clock last began to run: that time has been counted.
    since_ms = min(now_ms, max(command.last_contact_ms, attempt.running_since_ms or 0))
    deadline_ms = attempt.deadline_ms
    stops = (
        may_stand(attempt)
        and (deadline_ms is None or since_ms < deadline_ms)
        and (found_late or not is_late(attempt, now_ms))
    )
    if stops:
        return gone, Paused(since_ms, True, None, _LOST)
    return (gone,)
