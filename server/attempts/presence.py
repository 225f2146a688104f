"""Whether a candidate is there, as far as one node knows."""

from typing import Protocol

from protocol.attempt.facts import Record
from protocol.attempt.model import Attempt


class Seated(Protocol):
    """A candidate's connection on this node."""

    @property
    def connection_id(self) -> str:
        """The name under which `Connect` was decided."""
        ...

    def record_committed(self, before: Attempt, record: Record, after: Attempt) -> None:
        """One record of the attempt is durable."""
        ...

    def sheet_changed(self) -> None:
        """The attempt has not started, and another version of its test is offered."""
        ...

    def send_away(self, after_ms: int) -> None:
        """Tells the candidate's client to come back in so many milliseconds, and closes."""
        ...


class Presence:
    """The candidate's connections here, and when she was last heard of. `heard`: lately, over a socket or REST.
    `tick` orders what nodes say of her between two records."""

    __slots__ = ("heard", "last_seen_ms", "sessions", "tick")

    def __init__(self) -> None:
        self.sessions: tuple[Seated, ...] = ()
        self.last_seen_ms: int | None = None
        self.heard = False
        self.tick = 0

    @property
    def here(self) -> bool:
        """Whether she has a connection to this node, or has called it lately."""
        return bool(self.sessions) or self.heard

    def sit(self, session: Seated) -> None:
        self.sessions = (*self.sessions, session)

    def rise(self, session: Seated) -> None:
        """The connection is gone. What this node has heard lately came over it."""
        self.sessions = tuple(one for one in self.sessions if one is not session)
        self.heard = False

    def saw(self, now_ms: int) -> None:
        """She has given a sign of life."""
        self.heard = True
        self.last_seen_ms = now_ms
        self.tick = max(self.tick + 1, now_ms)

    def wrote(self, at_ms: int) -> None:
        """A record of hers is from this instant."""
        if self.last_seen_ms is None or at_ms > self.last_seen_ms:
            self.last_seen_ms = at_ms
        if at_ms > self.tick:
            self.tick = at_ms

    def fell_silent(self) -> None:
        """Nothing was heard for too long. One tick only, so that a node that heard from her later still wins."""
        self.heard = False
        self.tick += 1
