"""Bodies about the leaderboard of a test."""

from typing import Annotated

from msgspec import Meta

from protocol import limits
from protocol.content import Leaderboard
from protocol.messages.base import NO_NUL, Int
from protocol.rest.body import Body

Pseudonym = Annotated[str, Meta(min_length=1, max_length=limits.MAX_PSEUDONYM_CHARS, pattern=NO_NUL)]


class StandBody(Body, frozen=True, kw_only=True):
    """Whether the candidate stands on the leaderboard, and under which pseudonym; nil: under her number alone. Staff
    take somebody off it, and put nobody there."""

    stands: bool
    pseudonym: Pseudonym | None = None


class StandReply(Body, frozen=True, kw_only=True):
    """How she stands there now; `number` is nil where she does not."""

    stands: bool
    pseudonym: str | None
    number: Int | None


class Ranked(Body, frozen=True, kw_only=True):
    """One candidate on the board, under a pseudonym or (nil) her number. Those with equal scores, and equal times where
    the test asks for these, share a rank. `yours`: it is the one who asks. `user_id` and `attempt_id` are for staff."""

    rank: Int
    number: Int
    pseudonym: str | None
    score_mpt: Int
    max_mpt: Int
    time_ms: Int | None
    yours: bool
    user_id: str | None
    attempt_id: str | None


class LeaderboardReply(Body, frozen=True, kw_only=True):
    """The leaderboard of a test, the best first: of those who chose to stand on it and have a result that counts, as of
    some seconds ago. `by` says whether times count. `own` is how the candidate stands there who asks, and `place` what
    she has, also where that is behind the last line shown."""

    test_id: str
    by: Leaderboard
    total: Int
    lines: list[Ranked]
    own: StandReply | None
    place: Ranked | None
