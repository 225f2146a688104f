"""What sockets and REST do alike for staff: executing a command, and telling them that an attempt was erased, or that
its log is in an archive."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from protocol.attempt.acting import acted_since
from protocol.attempt.commands import DecideLate, MarkByHand, Steer
from protocol.attempt.decide import decide
from protocol.attempt.model import Accommodation, Actor
from protocol.attempt.sheet import terms_for_anybody, terms_of
from protocol.codes import Code
from protocol.errors import Refusal, of_command, refuse
from protocol.messages.staff import AccommodateAttempt, ApplyRules
from protocol.rules.admission import may_grant_another
from server.access.finding import may_see
from server.access.principal import Principal
from server.attempts.live import LiveAttempt
from server.attempts.pending import Done
from storage.attempts import identity_of
from storage.overrides import Candidate, Who
from storage.people import USER
from storage.staff_commands import Claim

if TYPE_CHECKING:
    from server.node import Node

_WENT: Final = "The log of this attempt was moved on {at} into the archive {archive}"
_STAYS: Final = "Its result can still be read."
_BACK: Final = "Whoever runs the server can bring the log back: `pencilsdown restore-logs`."


async def carry_out(node: "Node", live: LiveAttempt, command: Steer | MarkByHand | DecideLate) -> Done | Refusal:
    """Claims the command's id for this attempt, reads what it needs, then decides. Raises `StorageUnavailable`."""
    command_id = command.order.command_id if isinstance(command, Steer) else command.command_id
    identity = live.committed.identity
    if command_id not in live.committed.commands:
        owner = await node.staff_commands.claim(identity.org_id, command_id, identity.attempt_id, node.clock.now_ms())
        if owner != identity.attempt_id:
            return of_command(refuse(Code.COMMAND_REUSED))
    if isinstance(command, Steer) and isinstance(command.order, ApplyRules):
        rules = await node.tests.rules(identity.org_id, identity.test_id)
        assert rules is not None, "a test that was sat is not there"
        command = replace(command, terms=terms_for_anybody(rules))
    revision: int | None = None
    if isinstance(command, Steer) and isinstance(command.order, AccommodateAttempt):
        granted = await _grant(node, live, command, command.order)
        if isinstance(granted, Refusal):
            return of_command(granted)
        command, revision = granted
    outcome = await live.run(command)
    if revision is not None:
        # Other nodes are told of the record first: else one of them would write another that says the same.
        node.granting.changed(identity.org_id, revision, [Who(USER, identity.user_id)], identity.test_id)
    return of_command(outcome) if isinstance(outcome, Refusal) else outcome


async def _grant(
    node: "Node", live: LiveAttempt, command: Steer, order: AccommodateAttempt
) -> tuple[Steer, int | None] | Refusal:
    """The command with all that the candidate is granted. The tables get her new extra time first, since they are the
    truth, but only where the command is going to be accepted; the number is that of the change, where there is one."""
    identity, extra_time_ms = live.committed.identity, order.extra_time_ms
    org_id, candidate = identity.org_id, Candidate(identity.test_id, identity.user_id)
    command = replace(command, accommodation=await node.overrides.accommodation_with(org_id, candidate, extra_time_ms))
    attempt, now_ms = await live.newest(), node.clock.now_ms()
    if extra_time_ms is None or order.command_id in attempt.commands:
        return command, None
    decision = decide(attempt, command, now_ms, live.sheet)
    if isinstance(decision, Refusal):
        return decision
    by, reason = command.by, order.reason
    revision = await node.overrides.set_extra_time(
        org_id, candidate, extra_time_ms, now_ms, by, reason, identity.attempt_id
    )
    return command, revision


async def grant_attempt(
    node: "Node", live: LiveAttempt, command_id: str, by: Actor, reason: str, seen_ms: int | None
) -> int | Refusal:
    """Gives the attempt's candidate one more attempt at the test than she may have now, once for each command, unless
    there is no time for it, or somebody else has acted at `seen_ms` or since. Returns how many she may have beyond the
    rules."""
    identity, now_ms = live.committed.identity, node.clock.now_ms()
    candidate = Candidate(identity.test_id, identity.user_id)
    claim = Claim(command_id, identity.attempt_id)
    rules = await node.tests.rules(identity.org_id, identity.test_id)
    assert rules is not None, "a test that was sat is not there"
    attempts = await node.attempts.of_user(identity.org_id, identity.test_id, identity.user_id)
    acted = None if seen_ms is None else acted_since(await live.newest(), by, seen_ms)

    def not_now(accommodation: Accommodation) -> Refusal | None:
        return acted or may_grant_another(rules, terms_of(rules, accommodation), attempts, now_ms)

    granted = await node.overrides.grant_attempt(
        identity.org_id, candidate, claim, now_ms, by, reason, not_now, seen_ms
    )
    if isinstance(granted, Refusal):
        return of_command(granted)
    revision, extra_attempts = granted
    node.granting.changed(identity.org_id, revision, [Who(USER, identity.user_id)], identity.test_id)
    return extra_attempts


async def why_gone(node: "Node", principal: Principal, attempt_id: str) -> Refusal | None:
    """Why an attempt that `principal` may see can't be opened although it was there; None: it was not."""
    card = await node.attempts.for_org(principal.org_id).identity(attempt_id)
    if card is None or not await may_see(node, principal, identity_of(card)):
        return None
    if card.erased_at_ms is not None:
        return refuse(Code.ERASED)
    return None if card.archived_at_ms is None else await archived(node, attempt_id)


async def archived(node: "Node", attempt_id: str) -> Refusal:
    """Says when the log of an attempt went, and where to."""
    away = await node.archived_logs.away(attempt_id)
    if away is None:
        return refuse(Code.ARCHIVED)
    went = _WENT.format(at=_day(away.archived_at_ms), archive=away.archive)
    if away.dropped_at_ms is not None:
        return refuse(Code.ARCHIVED, f"{went}, which was deleted on {_day(away.dropped_at_ms)}. {_STAYS}")
    return refuse(Code.ARCHIVED, f"{went}. {_STAYS} {_BACK}")


def _day(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%Y-%m-%d")
