"""Who may ask for what. A candidate acts on her own attempt, staff on attempts of their organisation."""

from typing import Final

from protocol import limits
from protocol.attempt.commands import (
    AnyCommand,
    Assess,
    Begin,
    Connect,
    DecideLate,
    Disconnect,
    Grant,
    HandIn,
    HandLate,
    MarkByHand,
    Operate,
    Regrade,
    Steer,
    Wake,
)
from protocol.attempt.facts import (
    Assessed,
    Connected,
    Disconnected,
    Expired,
    Fact,
    HandMarked,
    LateDecided,
    LateReceived,
    Regraded,
    Started,
    Submitted,
)
from protocol.attempt.kinds import ASKED, KIND_OF
from protocol.attempt.model import SITTING, Actor, Attempt, Identity, Role
from protocol.rules.rights import may

_BRINGS_ABOUT: Final[dict[type[AnyCommand], type[Fact]]] = {
    Begin: Started,
    HandIn: Submitted,
    Connect: Connected,
    Disconnect: Disconnected,
    Wake: Expired,
    MarkByHand: HandMarked,
    Regrade: Regraded,
    HandLate: LateReceived,
    DecideLate: LateDecided,
    Assess: Assessed,
}
"""Command → the fact whose row in the table of kinds says who may ask for it. Operations and staff commands have rows
of their own."""


def may_command(command: AnyCommand) -> bool:
    """Whether the role of whoever asks allows this kind of command."""
    role = command.by.role
    if isinstance(command, Operate):
        return role in ASKED[type(command.operation)].by
    if isinstance(command, Grant):
        return role is Role.SYSTEM
    if isinstance(command, Steer):
        # Not `by`: clocks are stopped by candidates who lose their connection, too, but not by their command.
        act = ASKED[type(command.order)].act
        return act is not None and may(role, act)
    return role in KIND_OF[_BRINGS_ABOUT[type(command)]].by


def may_see(org_id: str, actor: Actor, attempt_scope: str | None, identity: Identity) -> bool:
    """Whether this actor may know of the attempt. If not, it is answered like an attempt that does not exist.

    `attempt_scope` is the one attempt that a token was handed out for; None: any.
    """
    if org_id != identity.org_id or attempt_scope not in (None, identity.attempt_id):
        return False
    return actor.role is not Role.CANDIDATE or actor.id == identity.user_id


def link_ends_at_ms(attempt: Attempt) -> int | None:
    """When a candidate's link to this attempt ends: some time after the attempt. None: the attempt has not ended."""
    return None if attempt.ended_at_ms is None else attempt.ended_at_ms + limits.LINK_AFTER_END_MS


def outlives(attempt: Attempt, expires_at_ms: int) -> bool:
    """Whether a candidate's token is good beyond `expires_at_ms`: it was valid at the start, and she still sits. The
    identity provider did not know how long the exam takes."""
    started_at_ms = attempt.started_at_ms
    return attempt.status in SITTING and started_at_ms is not None and started_at_ms < expires_at_ms
