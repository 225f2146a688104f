"""Lays out the paper of one candidate: draws from pools, and shuffles, by the attempt's seed.

The generator is SplitMix64: the state begins as the seed, and each number is made of it by adding 0x9E3779B97F4A7C15
and mixing (shift 30, multiply by 0xBF58476D1CE4E5B9, shift 27, multiply by 0x94D049BB133111EB, shift 31), modulo 2^64.
A number below n is the next one modulo n; numbers from the greatest multiple of n below 2^64 on are thrown away. A list
is shuffled by Fisher and Yates from its end: item i changes places with item (number below i + 1).

Numbers are taken in this order: section by section, first its draws (the first `count` of the shuffled pool; of a
tag's pool that was drawn from before, the next `count` in the same order), then its own shuffle; then, question by
question in the candidate's order, and in it interaction by interaction, the shuffle of the options that are not
pinned, or of all that are to be put in order; of rows before columns.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import Final, TypeVar

from protocol.attempt.layout import LaidOrder, LaidQuestion, LaidSection, Layout
from protocol.attempt.paper import COLUMNS
from protocol.content import (
    Associate,
    Choice,
    Draw,
    GapMatch,
    GraphicGapMatch,
    Interaction,
    Match,
    Option,
    Order,
    Question,
    Section,
    TestContent,
    pool_of,
    select_questions,
)

_T = TypeVar("_T")
_MASK: Final = (1 << 64) - 1


class Dice:
    """The generator described above."""

    def __init__(self, seed: int) -> None:
        self._state = seed & _MASK

    def next(self) -> int:
        """64 bits."""
        self._state = (self._state + 0x9E3779B97F4A7C15) & _MASK
        mixed = self._state
        mixed = ((mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9) & _MASK
        mixed = ((mixed ^ mixed >> 27) * 0x94D049BB133111EB) & _MASK
        return mixed ^ mixed >> 31

    def below(self, n: int) -> int:
        """A number from 0 to n - 1, each equally likely."""
        end = (1 << 64) // n * n
        while (number := self.next()) >= end:
            pass
        return number % n

    def shuffled(self, items: Sequence[_T]) -> list[_T]:
        """The same items in another order."""
        order = list(items)
        for i in range(len(order) - 1, 0, -1):
            j = self.below(i + 1)
            order[i], order[j] = order[j], order[i]
        return order


Intern = Callable[[LaidQuestion], LaidQuestion]


def lay_out(content: TestContent, form_id: str | None, seed: int, intern: Intern = lambda laid: laid) -> Layout:
    """The paper of the attempt with this seed. `intern` may give back an equal question that others have too. Raises
    `Refused(unknown_form)`."""
    dice = Dice(seed)
    known = {question.question_id: question for question in select_questions(content, form_id)}
    sections: list[tuple[Section | None, list[str]]]
    if content.sections:
        draw = _Drawing(content, dice)
        sections = [(section, draw.questions(section)) for section in content.sections]
    else:
        names = list(known)
        sections = [(None, dice.shuffled(names) if content.shuffle else names)]
    laid = tuple(
        LaidSection(
            None if section is None else section.section_id,
            tuple(intern(_laid(known[name], dice)) for name in names),
            None if section is None else section.limit_ms,
            min_ms=0 if section is None else section.min_ms,
            soft=section is not None and section.limit == "soft",
        )
        for section, names in sections
    )
    if content.rules.order == "forward":
        return Layout(_one_by_one(laid), by_section=True, forward=True)
    return Layout(laid, by_section=content.rules.order == "by_section")


def _one_by_one(sections: Sequence[LaidSection]) -> tuple[LaidSection, ...]:
    pairs = [(section.section_id, question) for section in sections for question in section.questions]
    return tuple(LaidSection(str(number), (one,), None, part) for number, (part, one) in enumerate(pairs, 1))


def is_the_same_for_all(content: TestContent, form_id: str | None) -> bool:
    """Whether nothing is drawn or shuffled, so that every candidate has the same paper. Raises
    `Refused(unknown_form)`."""
    return not (
        content.shuffle
        or any(section.shuffle for section in content.sections)
        or any(isinstance(item, Draw) for section in content.sections for item in section.items)
        or any(map(_is_shuffled, chain.from_iterable(one.interactions for one in select_questions(content, form_id))))
    )


class _Drawing:
    """Draws the questions of one paper. What is left of each tag's pool is kept for the draws that follow."""

    def __init__(self, content: TestContent, dice: Dice) -> None:
        self._content = content
        self._dice = dice
        self._left: dict[str, list[int]] = {}

    def questions(self, section: Section) -> list[str]:
        names: list[str] = []
        for item in section.items:
            names += self._drawn(item) if isinstance(item, Draw) else [item]
        return self._dice.shuffled(names) if section.shuffle else names

    def _drawn(self, draw: Draw) -> list[str]:
        pool = pool_of(self._content, draw)
        left = None if draw.tag is None else self._left.get(draw.tag)
        if left is None:
            left = self._dice.shuffled(range(len(pool)))
        if draw.tag is not None:
            self._left[draw.tag] = left[draw.count :]
        return [pool[position] for position in sorted(left[: draw.count])]


def _laid(question: Question, dice: Dice) -> LaidQuestion:
    orders = tuple(order for interaction in question.interactions for order in _orders(interaction, dice))
    soft = question.limit == "soft"
    parts = len(question.interactions)
    return LaidQuestion(question.question_id, orders, question.limit_ms, question.required, soft, parts)


def _is_shuffled(interaction: Interaction) -> bool:
    return any(True for _ in _shuffled_sets(interaction))


def _orders(interaction: Interaction, dice: Dice) -> Iterator[LaidOrder]:
    pinned = interaction.pinned if isinstance(interaction, Choice) else []
    for suffix, options in _shuffled_sets(interaction):
        ids = [option.option_id for option in options]
        free = [option_id for option_id in ids if option_id not in pinned]
        last = [option_id for option_id in ids if option_id in pinned]
        yield LaidOrder(interaction.response_id + suffix, (*dice.shuffled(free), *last))


def _shuffled_sets(interaction: Interaction) -> Iterator[tuple[str, Sequence[Option]]]:
    """Each set of options that is shuffled, with what stands behind the response id in its name."""
    match interaction:
        case Order():
            yield "", interaction.options
        case Choice(shuffle=True):
            yield "", interaction.options
        case GapMatch(shuffle=True) | Associate(shuffle=True) | GraphicGapMatch(shuffle=True):
            yield "", interaction.choices
        case Match():
            if interaction.shuffle_rows:
                yield "", interaction.rows
            if interaction.shuffle_columns:
                yield COLUMNS, interaction.columns
