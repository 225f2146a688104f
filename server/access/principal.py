"""The caller, as a verified token describes it."""

from collections.abc import Collection
from typing import Final

import msgspec

from protocol.attempt.model import Actor, Attempt, Identity, Role
from protocol.attempt.rights import link_ends_at_ms, may_see, outlives
from protocol.rules.rights import STAFF, Act, may
from protocol.rules.scope import TokenScope

ONLY_THE_RESULT: Final = "This link shows the result of one attempt, and nothing else."
"""What is said to a result token where it opens nothing."""


class ByKey(msgspec.Struct, frozen=True):
    """An API key, and which of its secrets: by the instant in which that was made."""

    key_id: str
    made_at_ms: int


class Principal(msgspec.Struct, frozen=True):
    """`attempt_id` narrows a token to one attempt; None: any in its `scope`. `branch_id` is the branch of the attempts
    that it makes. `only_result`: it reads the result of that attempt as its candidate may see it, and nothing else.
    `by_key`: the API key by which it calls, or by which its token was given."""

    actor: Actor
    org_id: str
    branch_id: str | None
    name: str | None
    attempt_id: str | None
    scope: TokenScope
    expires_at_ms: int
    token_id: str | None = None
    issued_at_ms: int | None = None
    only_result: bool = False
    by_key: ByKey | None = None

    @property
    def role(self) -> Role:
        return self.actor.role

    @property
    def is_staff(self) -> bool:
        return self.actor.role in STAFF

    def may(self, act: Act) -> bool:
        """Whether the role allows it; where it allows it is said by `may_see` and `may_see_test`."""
        return may(self.actor.role, act)

    def may_see(self, identity: Identity, groups: Collection[str] = ()) -> bool:
        """Whether the attempt exists for this principal at all. `groups`: those of its candidate."""
        in_scope = self.scope.has(identity.test_id, identity.branch_id, groups)
        return in_scope and may_see(self.org_id, self.actor, self.attempt_id, identity)

    def has_expired(self, now_ms: int) -> bool:
        """Whether the token has ended."""
        return now_ms >= self.expires_at_ms

    def holds_for(self, attempt: Attempt, now_ms: int) -> bool:
        """Whether the token is good for this attempt. Of one that was made for it, the result alone is left some time
        after its end."""
        over_ms = self.over_ms(attempt)
        if over_ms is not None and now_ms >= over_ms:
            return False
        if not self.has_expired(now_ms):
            return True
        return self._opens_an_exam and outlives(attempt, self.expires_at_ms)

    def shows_result_alone(self, attempt: Attempt, now_ms: int) -> bool:
        """Whether the token is good for the result of this attempt and for nothing else: it was made for that, or the
        attempt for which it was made is over for so long."""
        if self.has_expired(now_ms):
            return False
        over_ms = self.over_ms(attempt)
        return self.only_result or (over_ms is not None and now_ms >= over_ms)

    def over_ms(self, attempt: Attempt) -> int | None:
        """When the token ends because its attempt has ended; None: not for that reason, or not yet known."""
        return link_ends_at_ms(attempt) if self._opens_an_exam and self.attempt_id is not None else None

    @property
    def _opens_an_exam(self) -> bool:
        return self.role is Role.CANDIDATE and not self.only_result

    def may_see_test(self, test_id: str) -> bool:
        """Whether the caller may see the test, and those of its attempts that are in her scope. A token for one attempt
        shows only that attempt."""
        return self.attempt_id is None and self.scope.has_test(test_id)

    def may_see_all_of(self, test_id: str) -> bool:
        """Whether the caller may see the test with all its attempts, so that she may do what concerns all of them."""
        return self.attempt_id is None and self.scope.has_all_of(test_id)

    @property
    def may_see_whole_tests(self) -> bool:
        """Whether the caller sees tests with all their attempts, so that she may do what concerns tests."""
        return self.attempt_id is None and self.scope.has_whole_tests

    @property
    def may_see_all(self) -> bool:
        """Whether nothing of the organisation is hidden from the caller."""
        return self.attempt_id is None and self.scope.is_whole
