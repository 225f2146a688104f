"""The course of one attempt: what its candidate did, question by question, in milliseconds of her running clock."""

from collections.abc import Iterator

import msgspec


class AtQuestion(msgspec.Struct, array_like=True, gc=False):
    """What she did with one question.

    She was there for `time_ms` while her clock ran, in so many `visits`. Her answer was saved so many times (`saves`);
    `changes` counts the saves that put another answer in the place of one. `first_ms` is when her first answer was
    received that said something, `last_ms` when the newest save was; nil: none was. `answered`: her answer says
    something.
    """

    time_ms: int = 0
    visits: int = 0
    saves: int = 0
    changes: int = 0
    first_ms: int | None = None
    last_ms: int | None = None
    answered: bool = False


class Course(msgspec.Struct, array_like=True):
    """What a log says up to record `seq`, looked at at `until_ms`: the end of the attempt, or the instant of the look.

    Her clock has run for `ran_ms`. That is the sum of the questions' `time_ms` and of `unplaced_ms`, which was spent
    nobody knows where: between two sections, or by a client that never says where its candidate is. For `idle_ms` of
    it, in so many `idle_spans`, a connected candidate did nothing that the log has. Her connection was lost so many
    times (`losses`); `away_ms` of her running clock passed without one, from and to the instants in `away`, in pairs.
    `questions` are those of her paper in her order. `ended`: nothing is accepted any more.
    """

    seq: int = 0
    started_ms: int | None = None
    until_ms: int = 0
    ended: bool = False
    ran_ms: int = 0
    unplaced_ms: int = 0
    idle_ms: int = 0
    idle_spans: int = 0
    losses: int = 0
    away_ms: int = 0
    away: list[int] = []
    operations: int = 0
    test_version: int | None = None
    questions: dict[str, AtQuestion] = {}

    @property
    def answered(self) -> int:
        """How many questions have an answer."""
        return sum(one.answered for one in self.questions.values())

    @property
    def away_spans(self) -> Iterator[tuple[int, int]]:
        """(from, to) of each span without a connection while the clock ran."""
        return zip(self.away[::2], self.away[1::2], strict=True)
