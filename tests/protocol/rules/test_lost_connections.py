"""When a connection ended whose end nobody has recorded: each boundary a millisecond before, at and after it."""

from typing import Final

import pytest

from protocol.limits import HOLDER_GONE_MS
from protocol.rules.lost_connections import (
    NOT_KNOWN_YET,
    OUTLIVED,
    Fate,
    Sign,
    by_deadline_over_rest,
    by_deadline_with_node,
    is_gone,
    lost_with_former,
    lost_with_node,
    may_have_ended_before,
)

NOW: Final = 1_800_000_000_000
SEEN: Final = NOW - 60_000
NOBODY: Final = Sign(None, gone=True)


@pytest.mark.parametrize(
    ("seen_ms", "gone"),
    [(None, True), (NOW - HOLDER_GONE_MS - 1, True), (NOW - HOLDER_GONE_MS, False), (NOW + 1, False)],
)
def test_a_node_is_gone_when_it_was_silent_for_longer_than_the_limit(seen_ms: int | None, gone: bool) -> None:
    assert is_gone(seen_ms, NOW) is gone


@pytest.mark.parametrize(
    ("node", "lost_ms"),
    [
        (Sign(SEEN, gone=False), None),
        (Sign(SEEN, gone=True), SEEN),
        # Nobody remembers the node, so that the end is when it was found.
        (NOBODY, NOW),
    ],
)
def test_a_connection_ends_with_its_node(node: Sign, lost_ms: int | None) -> None:
    assert lost_with_node(node, NOW) == lost_ms


@pytest.mark.parametrize(
    ("node", "deadline_ms", "fate"),
    [
        (Sign(SEEN, gone=True), SEEN + 1, Fate(SEEN)),
        (Sign(SEEN, gone=True), SEEN, OUTLIVED),
        (Sign(SEEN, gone=False), SEEN, OUTLIVED),
        # The node may be slow: its next sign of life may come yet.
        (Sign(SEEN, gone=False), SEEN + 1, NOT_KNOWN_YET),
        (NOBODY, NOW, OUTLIVED),
    ],
)
def test_whether_a_connection_outlived_a_deadline_at_another_node(node: Sign, deadline_ms: int, fate: Fate) -> None:
    assert by_deadline_with_node(node, deadline_ms) == fate


@pytest.mark.parametrize(
    ("seen_ms", "heard_here", "may"),
    [(None, False, True), (None, True, False), (NOW - 1, False, True), (NOW, False, False), (NOW - 1, True, False)],
)
def test_a_connection_over_rest_may_have_ended_before_this_node_was_there(
    seen_ms: int | None, heard_here: bool, may: bool
) -> None:
    assert may_have_ended_before(NOW, seen_ms, heard_here=heard_here) is may


@pytest.mark.parametrize(
    ("seen_ms", "former", "lost_ms"),
    [
        (SEEN - 5, Sign(SEEN, gone=True), SEEN - 5),
        (None, Sign(SEEN, gone=True), SEEN),
        (None, Sign(SEEN, gone=False), None),
        (SEEN - 5, NOBODY, None),
    ],
)
def test_a_connection_over_rest_ends_with_the_nodes_that_heard_it(
    seen_ms: int | None, former: Sign, lost_ms: int | None
) -> None:
    assert lost_with_former(seen_ms, former) == lost_ms


@pytest.mark.parametrize(
    ("lost_ms", "former", "deadline_ms", "fate"),
    [
        (SEEN, None, SEEN + 1, Fate(SEEN)),
        (SEEN, None, SEEN, OUTLIVED),
        (None, None, NOW - 1, OUTLIVED),
        (None, NOBODY, NOW - 1, OUTLIVED),
        # The deadline passed after the last sign of the nodes before, and before this one started.
        (None, Sign(SEEN, gone=False), NOW - 1, NOT_KNOWN_YET),
        (None, Sign(SEEN, gone=False), NOW, OUTLIVED),
        (None, Sign(SEEN, gone=False), SEEN + 1, NOT_KNOWN_YET),
        (None, Sign(SEEN, gone=False), SEEN, OUTLIVED),
    ],
)
def test_whether_a_connection_over_rest_outlived_a_deadline(
    lost_ms: int | None, former: Sign | None, deadline_ms: int, fate: Fate
) -> None:
    assert by_deadline_over_rest(lost_ms, former, NOW, deadline_ms) == fate
