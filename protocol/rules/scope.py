"""Where a token's owner may act: in the whole organisation, or in some branches, tests and groups of it alone."""

from collections.abc import Collection
from typing import Final

import msgspec


class TokenScope(msgspec.Struct, frozen=True):
    """Nil: not limited by that. An attempt must fit every limit: an attempt of no branch is in none of `branches`, and
    a candidate of no group in none of `groups`."""

    branches: frozenset[str] | None = None
    tests: frozenset[str] | None = None
    groups: frozenset[str] | None = None

    @property
    def is_whole(self) -> bool:
        """Whether nothing of the organisation is left out."""
        return self == WHOLE

    def has_test(self, test_id: str) -> bool:
        """Whether it reaches this test, with some of its attempts at least."""
        return self.tests is None or test_id in self.tests

    def has_all_of(self, test_id: str) -> bool:
        """Whether it reaches this test with all its attempts."""
        return self.has_test(test_id) and self.has_whole_tests

    @property
    def has_whole_tests(self) -> bool:
        """Whether whatever test it reaches it reaches with all its attempts."""
        return self.branches is None and self.groups is None

    def has(self, test_id: str, branch_id: str | None, groups: Collection[str]) -> bool:
        """Whether it reaches an attempt of this branch at this test, by a candidate who is in these groups."""
        return (
            self.has_test(test_id)
            and (self.branches is None or branch_id in self.branches)
            and (self.groups is None or not self.groups.isdisjoint(groups))
        )

    def lies_in(self, wider: "TokenScope") -> bool:
        """Whether `wider` reaches all that this one does, limit by limit."""
        return all(
            most is None or (own is not None and own <= most)
            for own, most in (
                (self.branches, wider.branches),
                (self.tests, wider.tests),
                (self.groups, wider.groups),
            )
        )

    def reaches_all(self, test_id: str, other: "TokenScope") -> bool:
        """Whether it reaches all attempts at this test that `other` does."""
        return self.has_all_of(test_id) or other.lies_in(self)


WHOLE: Final = TokenScope()
"""The whole organisation."""
