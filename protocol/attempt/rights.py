"""Who may ask for what. A candidate acts on her own attempt, staff on attempts of their organisation."""

from typing import Final

from protocol.attempt.commands import (
    AnyCommand,
    Assess,
    Begin,
    Connect,
    Disconnect,
    HandIn,
    MarkByHand,
    Operate,
    Steer,
    Wake,
)
from protocol.attempt.model import Actor, Identity, Role

_MAY: Final[dict[type[AnyCommand], frozenset[Role]]] = {
    Begin: frozenset({Role.CANDIDATE, Role.SERVICE}),
    Operate: frozenset({Role.CANDIDATE, Role.SERVICE}),
    HandIn: frozenset({Role.CANDIDATE, Role.SERVICE}),
    Connect: frozenset({Role.CANDIDATE}),
    Disconnect: frozenset({Role.CANDIDATE, Role.SYSTEM}),
    Steer: frozenset({Role.INSTRUCTOR, Role.SERVICE}),
    MarkByHand: frozenset({Role.INSTRUCTOR, Role.SERVICE}),
    Wake: frozenset({Role.SYSTEM}),
    Assess: frozenset({Role.SYSTEM}),
}


def may_command(command: AnyCommand) -> bool:
    """Whether the role of whoever asks allows this kind of command."""
    return command.by.role in _MAY[type(command)]


def may_see(org_id: str, actor: Actor, attempt_scope: str | None, identity: Identity) -> bool:
    """Whether this actor may know of the attempt. If not, it is answered like an attempt that does not exist.

    `attempt_scope` is the one attempt that a token was handed out for; None: any.
    """
    if org_id != identity.org_id or attempt_scope not in (None, identity.attempt_id):
        return False
    return actor.role is not Role.CANDIDATE or actor.id == identity.user_id
