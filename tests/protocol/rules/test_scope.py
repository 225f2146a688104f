"""Where a token reaches."""

from collections.abc import Collection
from itertools import product

import pytest

from protocol.rules.scope import WHOLE, TokenScope

NORTH, SOUTH = frozenset({"north"}), frozenset({"south"})
SCOPES = [
    TokenScope(branches, tests, groups)
    for branches, tests, groups in product(
        (None, NORTH, NORTH | SOUTH), (None, frozenset({"t"})), (None, frozenset({"g"}))
    )
]


@pytest.mark.parametrize(
    ("scope", "branch_id", "test_id", "groups", "has"),
    [
        (WHOLE, None, "t", (), True),
        (WHOLE, "north", "t", ("g",), True),
        (TokenScope(branches=NORTH), "north", "t", (), True),
        (TokenScope(branches=NORTH), "south", "t", (), False),
        (TokenScope(branches=NORTH), "North", "t", (), False),
        (TokenScope(branches=NORTH), None, "t", (), False),
        (TokenScope(branches=NORTH | SOUTH), "south", "t", (), True),
        (TokenScope(tests=frozenset({"t"})), None, "t", (), True),
        (TokenScope(tests=frozenset({"t"})), None, "u", (), False),
        (TokenScope(groups=frozenset({"g", "h"})), None, "t", ("h", "i"), True),
        (TokenScope(groups=frozenset({"g", "h"})), None, "t", ("i",), False),
        (TokenScope(groups=frozenset({"g"})), None, "t", (), False),
        # Every limit counts.
        (TokenScope(NORTH, frozenset({"t"}), frozenset({"g"})), "north", "t", ("g",), True),
        (TokenScope(NORTH, frozenset({"t"}), frozenset({"g"})), "south", "t", ("g",), False),
        (TokenScope(NORTH, frozenset({"t"}), frozenset({"g"})), "north", "u", ("g",), False),
        (TokenScope(NORTH, frozenset({"t"}), frozenset({"g"})), "north", "t", ("h",), False),
    ],
)
def test_which_attempts(
    scope: TokenScope, branch_id: str | None, test_id: str, groups: Collection[str], has: bool
) -> None:
    assert scope.has(test_id, branch_id, groups) is has


@pytest.mark.parametrize("scope", SCOPES)
def test_a_whole_test_takes_a_token_without_branches_and_groups(scope: TokenScope) -> None:
    assert scope.has_test("t")
    assert scope.has_test("u") is (scope.tests is None)
    assert scope.has_all_of("t") is (scope.branches is None and scope.groups is None)
    assert scope.is_whole is (scope == WHOLE)


def test_what_lies_in_another_scope_has_nothing_that_the_other_lacks() -> None:
    attempts = [*product(("t", "u"), ("north", "south", None), ((), ("g",)))]
    for inner, outer in product(SCOPES, SCOPES):
        if inner.lies_in(outer):
            assert all(outer.has(*attempt) for attempt in attempts if inner.has(*attempt))
        assert inner.lies_in(inner)
        assert inner.lies_in(WHOLE)
        assert WHOLE.lies_in(inner) is inner.is_whole
