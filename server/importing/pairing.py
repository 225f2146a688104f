"""Interactions in which texts are put together, as Moodle has them in its formats."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from protocol import limits
from protocol.content import GapMatch, InlineChoice, Match, Option, PairOption
from protocol.content.text import place
from server.importing.drafts import option_ids
from server.importing.faults import ImportFault

_GAP: Final = re.compile(r"\[\[\s*([0-9]{1,3})\s*\]\]")


class Movable(msgspec.Struct, frozen=True):
    """A text for gaps: a line, the group of gaps that it is for, and whether it can be used again and again."""

    said: str
    group: str
    is_endless: bool = False


def matched(pairs: Sequence[tuple[str, str]], points_mpt: int, *, shuffle: bool = False) -> Match:
    """Each left line is put together with its right one; a right one whose left one is blank belongs to none. A right
    line that stands several times is one. Each row that is right gives its share of the points."""
    texts = list(dict.fromkeys(right for _, right in pairs))
    columns = {text: PairOption(name, text) for name, text in zip(option_ids(texts), texts, strict=True)}
    told = [(left, right) for left, right in pairs if left]
    if len(told) < 2 or not all(texts):
        raise ImportFault("There are no two pairs to match.")
    rows = [PairOption(str(number), left, 1) for number, (left, _) in enumerate(told, 1)]
    return Match(
        points_mpt=points_mpt,
        rows=rows,
        columns=list(columns.values()),
        correct=[(row.option_id, columns[right].option_id) for row, (_, right) in zip(rows, told, strict=True)],
        partial="rows",
        shuffle_rows=shuffle,
        shuffle_columns=True,
    )


def with_menus(
    html: str, texts: Sequence[Movable], points_mpt: int, *, shuffle: bool = False
) -> tuple[str, list[InlineChoice]]:
    """A text in which `[[2]]` stands where the second of the texts is right: a menu of all that are for its gap. Each
    gives its share of the points."""
    gaps = _gaps(html, texts)
    whole, rest = divmod(points_mpt, len(gaps))
    ids = option_ids([text.said for text in texts])
    menus: list[InlineChoice] = []
    for number, right in enumerate(gaps):
        options = {ids[position]: text.said for position, text in enumerate(texts) if text.group == texts[right].group}
        if len(options) < 2:
            raise ImportFault("There is nothing to choose between.")
        menus.append(
            InlineChoice(
                response_id="answer" if len(gaps) == 1 else str(number + 1),
                points_mpt=whole + (number < rest),
                options=[Option(name, said) for name, said in options.items()],
                correct=ids[right],
                shuffle=shuffle,
            )
        )
    return _filled(html, {number: place(menu.response_id) for number, menu in enumerate(menus)}), menus


def with_gaps(
    html: str, texts: Sequence[Movable], losses: list[str]
) -> tuple[str, list[PairOption], list[tuple[str, str]]]:
    """A text whose `[[2]]` is a gap for the second of the texts: the text with gaps, the choices, and the right
    pairs."""
    gaps = _gaps(html, texts)
    if len({text.group for text in texts}) > 1:
        losses.append("every text can be put into every gap: there are no groups here")
    ids = option_ids([text.said for text in texts])
    choices = [
        PairOption(ids[position], text.said, None if text.is_endless else 1) for position, text in enumerate(texts)
    ]
    body = _filled(html, {number: f'<pd-gap id="g{number + 1}"></pd-gap>' for number in range(len(gaps))})
    return body, choices, [(ids[right], f"g{number + 1}") for number, right in enumerate(gaps)]


def gap_match(
    text: str, choices: list[PairOption], correct: list[tuple[str, str]], points_mpt: int, *, shuffle: bool
) -> GapMatch:
    """Texts are put into gaps, each of which gives its share of the points."""
    return GapMatch(
        points_mpt=points_mpt, text=text, choices=choices, correct=[*correct], partial="gaps", shuffle=shuffle
    )


def _gaps(html: str, texts: Sequence[Movable]) -> list[int]:
    """For each gap the position of the text that is right in it."""
    found = [int(number) - 1 for number in _GAP.findall(html)]
    if not found:
        raise ImportFault("The text has no place for an answer.")
    if len(found) > limits.MAX_ANSWER_OPTIONS:
        raise ImportFault(f"The text has more than {limits.MAX_ANSWER_OPTIONS} places for answers.")
    if any(not 0 <= position < len(texts) for position in found):
        raise ImportFault("A gap names a text that is not there.")
    return found


def _filled(html: str, places: Mapping[int, str]) -> str:
    numbers = iter(range(len(places)))
    return _GAP.sub(lambda _: places[next(numbers)], html)
