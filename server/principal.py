"""Who is asking: what a verified token says."""

import msgspec

from protocol.attempt.model import Actor, Role


class Principal(msgspec.Struct, frozen=True):
    """`attempt_id` and `test_id` narrow a token to one attempt or one test; None: any of the organisation."""

    actor: Actor
    org_id: str
    branch_id: str | None
    name: str | None
    attempt_id: str | None
    test_id: str | None
    expires_at_ms: int

    @property
    def role(self) -> Role:
        return self.actor.role

    @property
    def is_staff(self) -> bool:
        return self.actor.role in (Role.INSTRUCTOR, Role.SERVICE)
