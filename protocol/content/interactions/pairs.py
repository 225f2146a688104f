"""Putting things together in pairs: rows with columns, choices into gaps, choices with one another."""

from collections.abc import Iterable
from typing import Annotated, Literal, NamedTuple

import msgspec
from msgspec import Meta

from protocol import limits
from protocol.content.base import Body, Weight
from protocol.content.interactions.base import Marked
from protocol.content.interactions.choices import Option
from protocol.content.text import gaps
from protocol.messages.base import Pair

PairCount = Annotated[int, Meta(ge=0, le=limits.MAX_ANSWER_OPTIONS)]
MaxPairs = Annotated[int, Meta(ge=1, le=limits.MAX_ANSWER_OPTIONS)] | None
"""Nil: any number."""


class PairOption(Option, frozen=True, forbid_unknown_fields=True):
    """One of those that are put together. It stands in `max_uses` pairs at most; nil: in any number."""

    max_uses: MaxPairs = None


PairOptions = Annotated[list[PairOption], Meta(min_length=1, max_length=limits.MAX_ANSWER_OPTIONS)]


class PairWorth(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one pair is worth."""

    pair: Pair
    worth_mpt: Weight


class Sides(NamedTuple):
    """What can be paired: each pair is one of the `sources` and one of the `targets`. Where that is one set (`is_one`)
    a pair is the same in either direction, and nothing is paired with itself."""

    sources: list[PairOption]
    targets: list[PairOption]
    is_one: bool = False


class Pairs(Marked, frozen=True, kw_only=True):
    """What interactions have whose answer is pairs. `correct` has the right ones. `weights` says what each pair is
    worth, and `default_mpt` what any other one is; where `weights` are given they alone decide, and the sum is never
    more than the points. `min_pairs` is shown to candidates and refuses nothing; `max_pairs` nil: any number."""

    correct: Annotated[list[Pair], Meta(max_length=limits.MAX_ANSWER_OPTIONS)] = msgspec.field(default_factory=list)
    weights: Annotated[list[PairWorth], Meta(max_length=1_000)] = msgspec.field(default_factory=list)
    default_mpt: Weight = 0
    min_pairs: PairCount = 0
    max_pairs: MaxPairs = None


class Match(Pairs, frozen=True, tag="match", kw_only=True):
    """Each row is put together with columns: a pair is a row and a column. With the `partial` credit "rows" each row of
    the key whose columns are wholly right gives its share of the points, and each wrong row takes `wrong_mpt` away;
    with "pairs" each right pair gives its share, and each wrong one takes as much away, or `wrong_mpt` where that is
    given. The sum is rounded down."""

    rows: PairOptions
    columns: PairOptions
    partial: Literal["none", "rows", "pairs"] = "none"
    shuffle_rows: bool = False
    shuffle_columns: bool = False

    @property
    def sides(self) -> Sides:
        """Rows and columns."""
        return Sides(self.rows, self.columns)


class GapMatch(Pairs, frozen=True, tag="gap_match", kw_only=True):
    """Choices are put into the gaps of a `text`, where `<pd-gap id="…"></pd-gap>` stands: a pair is a choice and a gap.
    A gap takes one. With the `partial` credit "gaps" each gap with its right choice gives its share of the points, and
    each wrong one takes `wrong_mpt` away; "pairs" is as for a `Match`."""

    text: Body
    choices: PairOptions
    partial: Literal["none", "gaps", "pairs"] = "none"
    shuffle: bool = False

    @property
    def sides(self) -> Sides:
        """Choices and gaps."""
        return Sides(self.choices, gaps_of(self.text))


class Associate(Pairs, frozen=True, tag="associate", kw_only=True):
    """Choices are paired with one another, in no direction. `partial`: each right pair gives its share of the points,
    and each wrong one takes as much away, or `wrong_mpt` where that is given; the sum is rounded down."""

    choices: Annotated[list[PairOption], Meta(min_length=2, max_length=limits.MAX_ANSWER_OPTIONS)]
    partial: Literal["none", "pairs"] = "none"
    shuffle: bool = False

    @property
    def sides(self) -> Sides:
        """The choices, on both sides."""
        return Sides(self.choices, self.choices, is_one=True)


def gaps_of(text: str) -> list[PairOption]:
    """The gaps of a text, each of which takes one choice."""
    return [PairOption(name, "…", 1) for name in gaps(text)]


def undirected(pairs: Iterable[Pair], sides: Sides) -> list[Pair]:
    """The pairs, each in the one form in which it is compared."""
    return [tuple(sorted(pair)) for pair in pairs] if sides.is_one else list(pairs)


def most_pairs(sides: Sides, max_pairs: int | None) -> int:
    """No answer that keeps the limits has more pairs than this."""
    one, other = (
        [min(len(others), option.max_uses or len(others)) for option in side]
        for side, others in ((sides.sources, sides.targets), (sides.targets, sides.sources))
    )
    most = sum(min(uses, len(one) - 1) for uses in one) // 2 if sides.is_one else min(sum(one), sum(other))
    return most if max_pairs is None else min(most, max_pairs)
