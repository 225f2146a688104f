"""Reads interactions whose answer is pairs."""

from collections.abc import Sequence

from protocol.content import Associate, GapMatch, Match, PairOption
from protocol.content.interactions import Sides
from protocol.content.interactions.pairs import gaps_of
from server.importing.faults import ImportFault
from server.importing.qti.asked import Asked
from server.importing.qti.bodies import why_blank
from server.importing.qti.demands import gaps_to_fill
from server.importing.qti.names import children
from server.importing.qti.options import own_ids
from server.importing.qti.pairing import AskedPairs, PairKey
from server.importing.qti.reading import Reading
from server.importing.xml import Element


def read_match(reading: Reading) -> Asked:
    """Rows and columns."""
    sets = children(reading.element, "simpleMatchSet")
    if len(sets) != 2:
        raise ImportFault("A `matchInteraction` has two sets.")
    (rows, row_names), (columns, column_names) = (
        read_sides(reading, children(one, "simpleAssociableChoice")) for one in sets
    )
    limit = reading.limit("maxAssociations")
    shuffle = reading.element.get("shuffle") == "true"

    def make(key: PairKey) -> Match:
        return Match(
            response_id=reading.response_id,
            rows=rows,
            columns=columns,
            shuffle_rows=shuffle,
            shuffle_columns=shuffle,
            min_pairs=reading.least("minAssociations", limit),
            max_pairs=limit,
            **key._asdict(),
        )

    sides = Sides(rows, columns)
    return AskedPairs(reading.response_id, reading.declared, sides, (row_names, column_names), limit, make)


def read_associate(reading: Reading) -> Asked:
    """Choices that are paired with one another."""
    choices, names = read_sides(reading, children(reading.element, "simpleAssociableChoice"))
    limit = reading.limit("maxAssociations")

    def make(key: PairKey) -> Associate:
        return Associate(
            response_id=reading.response_id,
            choices=choices,
            shuffle=reading.element.get("shuffle") == "true",
            min_pairs=reading.least("minAssociations", limit),
            max_pairs=limit,
            **key._asdict(),
        )

    sides = Sides(choices, choices, is_one=True)
    return AskedPairs(reading.response_id, reading.declared, sides, (names, names), limit, make)


def read_gap_match(reading: Reading) -> Asked:
    """Choices that are put into the gaps of a text."""
    choices, names = read_sides(reading, children(reading.element, "gapText", "gapImg"))
    theirs = [gap.get("identifier", "") for gap in reading.element.iter("gap")]
    own = own_ids(theirs)
    gaps = dict(zip(theirs, own, strict=True))

    def placed(element: Element) -> str | None:
        if element.tag in ("prompt", "gapText", "gapImg"):
            return ""
        return f'<pd-gap id="{gaps[element.get("identifier", "")]}"></pd-gap>' if element.tag == "gap" else None

    text = reading.texts.body(reading.element, placed)
    limit = reading.pairs_limit()
    least = reading.least("minAssociations", limit) or gaps_to_fill(reading.element)

    def make(key: PairKey) -> GapMatch:
        return GapMatch(
            response_id=reading.response_id,
            text=text,
            choices=choices,
            shuffle=reading.element.get("shuffle") == "true",
            min_pairs=least,
            max_pairs=limit,
            **key._asdict(),
        )

    sides = Sides(choices, gaps_of(text))
    gap_names = dict(zip(own, theirs, strict=True))
    return AskedPairs(reading.response_id, reading.declared, sides, (names, gap_names), limit, make)


def read_sides(reading: Reading, choices: Sequence[Element]) -> tuple[list[PairOption], dict[str, str]]:
    """Options of which pairs are made, and the item's names for them."""
    theirs = [choice.get("identifier", "") for choice in choices]
    own = own_ids(theirs)
    options = [
        PairOption(name, reading.texts.line(choice), max_uses(choice))
        for name, choice in zip(own, choices, strict=True)
    ]
    if not options:
        raise ImportFault("There is nothing to put together.")
    for option, choice in zip(options, choices, strict=True):
        if not option.body:
            raise ImportFault(why_blank(choice, reading.losses))
    return options, dict(zip(own, theirs, strict=True))


def max_uses(choice: Element) -> int | None:
    """In how many pairs a choice may stand; None: in any number."""
    written = choice.get("matchMax", "1")
    if not written.isascii() or not written.isdigit():
        raise ImportFault(f"`matchMax` is {written[:40]!r}.")
    return int(written[:4]) or None
