"""Which tests are sat now or today, and how the server is."""

from protocol.messages.base import Int
from protocol.rest.body import Body


class RoomSummary(Body, frozen=True, kw_only=True):
    """A test that is sat in the span of time that was asked about: how many are enrolled and have not come (`expected`;
    absent, where the test's window is over), have come and not begun (`waiting`), sit it, have ended, were absent, or
    have an attempt that is void. Counts are of the attempts and people whom the caller reaches."""

    test_id: str
    title: str
    opens_at_ms: Int | None
    closes_at_ms: Int | None
    expected: Int
    waiting: Int
    in_progress: Int
    paused: Int
    ended: Int
    absent: Int
    cancelled: Int


class RoomList(Body, frozen=True, kw_only=True):
    """Rooms in the order of their tests' ids, a page at a time; `at_ms` is the server's time."""

    rooms: list[RoomSummary]
    at_ms: Int
    next: str | None


class ServerState(Body, frozen=True, kw_only=True):
    """How the server is. `missing` keeps the node that answers from serving newcomers; while an `upgrade` is under way
    some of what is new is refused; without the `relay` rooms follow later what happens on other nodes. `clock_off_ms`
    is how far the node's clock is off the database's at least."""

    version: str
    missing: list[str]
    upgrade: bool
    relay: bool
    clock_off_ms: Int
    at_ms: Int
