"""When a connection ended whose end nobody has recorded: its node has died, or its caller over REST has fallen silent.

All instants are by the database's clock, which every node follows.
"""

from typing import Final, NamedTuple

from protocol import limits


class Sign(NamedTuple):
    """The last sign of life of a node, or of the nodes before this one. `seen_ms` None: nobody remembers it. `gone`:
    the silence since then is too long for a node that is merely slow."""

    seen_ms: int | None
    gone: bool


class Fate(NamedTuple):
    """What had become of a connection by a deadline. `ended_ms`: its end; None: it outlived the deadline, or nobody can
    ever tell. `known` False: it can be told in some seconds, so nothing may be decided now."""

    ended_ms: int | None
    known: bool = True


OUTLIVED: Final = Fate(None)
NOT_KNOWN_YET: Final = Fate(None, known=False)


def is_gone(seen_ms: int | None, now_ms: int) -> bool:
    """Whether a node is taken for dead that last gave a sign of life at `seen_ms`."""
    return seen_ms is None or seen_ms < now_ms - limits.HOLDER_GONE_MS


def lost_with_node(node: Sign, now_ms: int) -> int | None:
    """When a connection ended that `node` had; None: it may be alive."""
    if not node.gone:
        return None
    return now_ms if node.seen_ms is None else node.seen_ms


def by_deadline_with_node(node: Sign, deadline_ms: int) -> Fate:
    """The fate of a connection that `node` had, for an attempt that is about to be closed."""
    if node.seen_ms is None or node.seen_ms >= deadline_ms:
        return OUTLIVED
    return Fate(node.seen_ms) if node.gone else NOT_KNOWN_YET


def may_have_ended_before(started_ms: int, seen_ms: int | None, *, heard_here: bool) -> bool:
    """Whether a connection over REST may have ended with the nodes that were there before this one started. `seen_ms`:
    when any node last heard of it, as far as that is written down. `heard_here`: this node has had a call over it."""
    return not heard_here and (seen_ms is None or seen_ms < started_ms)


def lost_with_former(seen_ms: int | None, former: Sign) -> int | None:
    """When a connection over REST ended that may have ended with the former nodes; None: it may be alive."""
    if former.seen_ms is None or not former.gone:
        return None
    return former.seen_ms if seen_ms is None else seen_ms


def by_deadline_over_rest(lost_ms: int | None, former: Sign | None, started_ms: int, deadline_ms: int) -> Fate:
    """The fate of a connection over REST, for an attempt that is about to be closed. `lost_ms`: when it was lost; None:
    it may be alive. `former`: the nodes before this one, if it may have ended with them. This node started at
    `started_ms`: a deadline before that passed while perhaps nobody could hear her."""
    if lost_ms is None:
        silent_ms = None if former is None else former.seen_ms
        is_open = silent_ms is not None and silent_ms < deadline_ms < started_ms
        return NOT_KNOWN_YET if is_open else OUTLIVED
    return Fate(lost_ms) if lost_ms < deadline_ms else OUTLIVED
