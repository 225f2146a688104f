"""The caller, as a verified token describes it."""

from typing import Final

import msgspec

from protocol.attempt.model import Actor, Attempt, Identity, Role
from protocol.attempt.rights import link_ends_at_ms, may_see, outlives
from protocol.rules.rights import STAFF, Act, may

ONLY_THE_RESULT: Final = "This link shows the result of one attempt, and nothing else."
"""What is said to a result token where it opens nothing."""


class Principal(msgspec.Struct, frozen=True):
    """`attempt_id` and `test_id` narrow a token to one attempt or one test; None: any of the organisation.
    `only_result`: it reads the result of that attempt as its candidate may see it, and opens nothing else."""

    actor: Actor
    org_id: str
    branch_id: str | None
    name: str | None
    attempt_id: str | None
    test_id: str | None
    expires_at_ms: int
    token_id: str | None = None
    issued_at_ms: int | None = None
    only_result: bool = False

    @property
    def role(self) -> Role:
        return self.actor.role

    @property
    def is_staff(self) -> bool:
        return self.actor.role in STAFF

    def may(self, act: Act) -> bool:
        """Whether the role allows it; where it allows it is said by `may_see` and `may_see_test`."""
        return may(self.actor.role, act)

    def may_see(self, identity: Identity) -> bool:
        """Whether the attempt exists for this principal at all."""
        in_scope = self.test_id in (None, identity.test_id)
        return in_scope and may_see(self.org_id, self.actor, self.attempt_id, identity)

    def has_expired(self, now_ms: int) -> bool:
        """Whether the token has ended."""
        return now_ms >= self.expires_at_ms

    def holds_for(self, attempt: Attempt, now_ms: int) -> bool:
        """Whether the token is good for this attempt. One that was made for it ends some time after it."""
        over_ms = self.over_ms(attempt)
        if over_ms is not None and now_ms >= over_ms:
            return False
        if not self.has_expired(now_ms):
            return True
        return self._opens_an_exam and outlives(attempt, self.expires_at_ms)

    def over_ms(self, attempt: Attempt) -> int | None:
        """When the token ends because its attempt has ended; None: not for that reason, or not yet known."""
        return link_ends_at_ms(attempt) if self._opens_an_exam and self.attempt_id is not None else None

    @property
    def _opens_an_exam(self) -> bool:
        return self.role is Role.CANDIDATE and not self.only_result

    def may_see_test(self, test_id: str) -> bool:
        """Whether the caller may see the whole test. A token for one attempt shows only that attempt."""
        return self.attempt_id is None and self.test_id in (None, test_id)
