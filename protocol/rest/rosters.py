"""Bodies about rosters."""

from typing import Annotated

from msgspec import Meta

from protocol import limits
from protocol.messages.base import Id, Int
from protocol.rest.body import Body


class RosterBody(Body, frozen=True, kw_only=True):
    """A roster for a test, or for all tests of a course: name one of the two. `csv` is the whole table as text. With
    `dry_run` it is only looked at."""

    test_id: Id | None = None
    course_id: Id | None = None
    csv: Annotated[str, Meta(max_length=limits.MAX_ROSTER_BYTES)]
    dry_run: bool = False


class RosterMistake(Body, frozen=True, kw_only=True):
    """What is wrong, where: `line` counts from 1, `column` is nil where the whole line is meant."""

    line: Int
    column: str | None
    reason: str


class RosterInstant(Body, frozen=True, kw_only=True):
    """An instant of the roster as it is `written`, and as it was read; `offset_ms` is the offset from UTC that it is
    written with. Where it is that of another season on the clocks of whoever wrote it, another hour may be meant."""

    written: str
    at_ms: Int
    offset_ms: Annotated[int, Meta(gt=-86_400_000, lt=86_400_000)]


class RosterReply(Body, frozen=True, kw_only=True):
    """How many people of the roster are new, were changed, or were known exactly so. `mistakes` are those that a dry
    run has found (the first thousand): then nothing is counted. `instants` are the different ones of all windows (the
    first hundred)."""

    made: Int
    changed: Int
    unchanged: Int
    mistakes: list[RosterMistake]
    instants: list[RosterInstant]
