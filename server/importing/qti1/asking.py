"""What is answered in an item of QTI 1.2."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Final

from protocol import limits
from protocol.content import Interaction, Match, MultipleChoice, Option, Order, PairOption, Picture
from protocol.content.interactions import Sides
from protocol.content.text import place
from protocol.messages.base import PartValue
from server.importing.faults import ImportFault
from server.importing.qti.asked import Asked, Hints
from server.importing.qti.choosing import AskedOne, AskedSome, SetKey
from server.importing.qti.declarations import Areas, Bounds, Declaration
from server.importing.qti.demands import Lengths, whole
from server.importing.qti.handing import AskedFile
from server.importing.qti.names import children, text_of
from server.importing.qti.options import Options, own_ids
from server.importing.qti.ordering import AskedOrder, Partial
from server.importing.qti.pairing import AskedPairs, PairKey, pairs_of
from server.importing.qti.pointing import AskedPoints
from server.importing.qti.shapes import Shape, read_shape
from server.importing.qti.values import Value, contained, number
from server.importing.qti.writing import AskedEssay, AskedNumber, AskedText
from server.importing.qti1.materials import Materials
from server.importing.xml import Element

RESPONSES: Final = ("response_lid", "response_str", "response_num", "response_xy", "response_grp")
_NUMERIC: Final = ("vargt", "vargte", "varlt", "varlte")
_PREFIX: Final = "response_"
_SCORERS: Final = ("scorer", "assessor", "tutor")
_PLAIN_SCORING: Final = ("", "Equivalence", "TextEquivalence", "TextInChoices")


class Presentation:
    """Reads the presentation of one item. `kind` is the type that Canvas calls it; with `shuffle` options are in an
    order of the candidate's own."""

    def __init__(
        self, item: Element, kind: str, materials: Materials, losses: list[str], *, shuffle: bool = False
    ) -> None:
        self._item = item
        self._kind = kind
        self._materials = materials
        self._losses = losses
        self._shuffle = shuffle
        found = children(item, "presentation")
        if len(found) != 1:
            raise ImportFault("There is nothing to answer in it.")
        self._presentation = found[0]
        self._responses = [one for one in found[0].iter() if one.tag in RESPONSES and one.tag != "response_grp"]

    def read(self) -> tuple[str, list[Asked]]:
        """The text with places for what is answered in it, and that. Raises `ImportFault`."""
        responses = self._responses
        if self._kind == "file_upload_question":
            declared = Declaration("", "single", "file")
            return self._as_one(AskedFile("answer", declared, (), self._notes(), self._losses))
        if not responses:
            raise ImportFault("There is nothing to answer in it.")
        if len(responses) > limits.MAX_ANSWER_OPTIONS:
            raise ImportFault(f"There are more than {limits.MAX_ANSWER_OPTIONS} answers to give in it.")
        idents = [one.get("ident", "") for one in responses]
        if len(set(idents)) != len(idents):
            raise ImportFault("Two of its responses have the same ident.")
        rows = [one for one in responses if one.tag == "response_lid" and children(one, "material")]
        if self._kind == "categorization_question":
            return self._as_one(_Groups(self._item, rows, self._materials).asked(is_category=True))
        if self._kind == "matching_question" or (not self._kind and len(rows) == len(responses) > 1):
            return self._as_one(_Groups(self._item, rows, self._materials).asked(is_category=False))
        if self._kind in ("fill_in_multiple_blanks_question", "multiple_dropdowns_question"):
            return self._in_brackets()
        asked: list[Asked] = []

        def placed(element: Element) -> str | None:
            if element.tag not in RESPONSES:
                return None
            before = self._materials.html(element)
            response_id = "answer" if len(responses) == 1 else element.get("ident", "")
            asked.append(self._asked(element, response_id))
            return before + place(response_id)

        return self._materials.body(self._materials.html(self._presentation, placed)), asked

    def _text(self) -> str:
        return self._materials.html(self._presentation, lambda element: "" if element.tag in RESPONSES else None)

    def _as_one(self, asked: Asked) -> tuple[str, list[Asked]]:
        return self._materials.body(self._text()) + place("answer"), [asked]

    def _in_brackets(self) -> tuple[str, list[Asked]]:
        html = self._text()
        asked: list[Asked] = []
        for response in self._responses:
            ident = response.get("ident", "")
            response_id = "answer" if len(self._responses) == 1 else ident
            named = ident.removeprefix(_PREFIX)
            html = html.replace(f"[{named}]", place(response_id), 1)
            kind = next((label.get("answer_type", "") for label in response.iter("response_label")), "")
            is_menu = self._kind == "multiple_dropdowns_question" or kind in ("dropdown", "wordbank")
            asked.append(
                self._chosen(response, response_id, in_line=True) if is_menu else self._blank(response, response_id)
            )
        return self._materials.body(html), asked

    def _asked(self, response: Element, response_id: str) -> Asked:
        match response.tag:
            case "response_lid":
                return self._chosen(response, response_id)
            case "response_xy":
                return self._points(response, response_id)
            case _:
                return self._typed(response, response_id)

    def _chosen(self, response: Element, response_id: str, *, in_line: bool = False) -> Asked:
        ident = response.get("ident", "")
        labels = list(response.iter("response_label"))
        filled = [label for label in labels if self._materials.line(label)]
        render = next(iter(response.iter("render_choice", "ims_render_object")), response)
        options = self._options(render, filled)
        said = said_of(self._item, ident)
        cardinality = response.get("rcardinality", "Single")
        if cardinality == "Ordered":
            declared = Declaration(ident, "ordered", "identifier", correct=contained([*said], is_ordered=True))

            def order(points_mpt: int, correct: list[str], partial: Partial) -> Interaction:
                return Order(
                    response_id=response_id,
                    options=options.options,
                    points_mpt=points_mpt,
                    correct=correct,
                    partial=partial,
                )

            return AskedOrder(response_id, declared, options.named, order)
        if cardinality == "Multiple":
            declared = Declaration(ident, "multiple", "identifier", correct=contained([*said]))

            def make(key: SetKey) -> Interaction:
                return MultipleChoice(
                    response_id=response_id,
                    options=options.options,
                    shuffle=options.shuffle,
                    pinned=options.pinned,
                    **key._asdict(),
                )

            return AskedSome(response_id, declared, options.named, None, make)
        declared = Declaration(ident, "single", "identifier", correct=next(iter(said), None))
        return AskedOne(response_id, declared, options, in_line=in_line)

    def _options(self, render: Element, labels: list[Element]) -> Options:
        if len(labels) < 2:
            raise ImportFault("There is nothing to choose between.")
        theirs = [label.get("ident", "") for label in labels]
        own = own_ids(theirs)
        options = [Option(name, self._materials.line(label)) for name, label in zip(own, labels, strict=True)]
        return Options(
            options, dict(zip(own, theirs, strict=True)), self._shuffle or render.get("shuffle") == "Yes", []
        )

    def _typed(self, response: Element, response_id: str) -> Asked:
        ident = response.get("ident", "")
        said = said_of(self._item, ident)
        rules = [one for one in self._item.iter(*_NUMERIC) if one.get("respident") == ident]
        fib = next(iter(response.iter("render_fib")), None)
        kind = "" if fib is None else fib.get("fibtype", "")
        if rules or response.tag == "response_num" or kind in ("Decimal", "Integer"):
            numbers = numbers_of([*said, *(text_of(one) for one in rules)])
            declared = Declaration(ident, "single", "float", correct=next(iter(numbers_of(said)), None))
            return AskedNumber(response_id, declared, Hints([], numbers, [], []))
        if not said:
            declared = Declaration(ident, "single", "string")
            rich = self._kind == "essay_question"
            return AskedEssay(response_id, declared, self._notes(), _lengths(response, fib), rich=rich)
        declared = Declaration(ident, "single", "string", correct=said[0])
        return AskedText(response_id, declared, Hints(said, [], [], []), _lengths(response, fib).max_chars)

    def _notes(self) -> list[str]:
        """What the author says to whoever marks it."""
        rubrics = [one for one in children(self._item, "itemrubric") if one.get("view", "").lower() in _SCORERS]
        said = [self._materials.body(self._materials.html(one)) for one in rubrics]
        return [one for one in said if one] + [
            text_of(one.find("fieldentry"))
            for one in self._item.iter("qtimetadatafield")
            if text_of(one.find("fieldlabel")) == "grading_notes" and text_of(one.find("fieldentry"))
        ]

    def _points(self, response: Element, response_id: str) -> Asked:
        """Areas of a picture, in shares of its sides where all numbers are shares."""
        images = list(response.iter("matimage"))
        if len(images) != 1:
            raise ImportFault("It has no picture on which anything could be chosen.")
        address = self._materials.address(images[0].get("uri", ""))
        try:
            source, looked = self._materials.find(address)
        except ImportFault as fault:
            raise ImportFault(f"Its picture can't be shown: {fault}.") from None
        if not looked.width or not looked.height:
            raise ImportFault("Its picture does not say how large it is.")
        picture = Picture(src=source, width=looked.width, height=looked.height)
        areas = [
            (_shape(label, picture), Fraction(1)) for label in response.iter("response_label") if label.get("rarea")
        ]
        declared = Declaration(
            response.get("ident", ""), "single", "point", areas=Areas(areas, Fraction(0), Bounds(None, None))
        )
        return AskedPoints(response_id, declared, picture, 1)

    def _blank(self, response: Element, response_id: str) -> Asked:
        ident = response.get("ident", "")
        labels = list(response.iter("response_label"))
        texts = [text_of(label) for label in labels]
        how = {label.get("scoring_algorithm", "") for label in labels}
        if not how <= {*_PLAIN_SCORING, "TextContainsAnswer"}:
            raise ImportFault(f"A text is compared by {max(how)[:40]!r}, which is not known here.")
        said = said_of(self._item, ident)
        if not said or not texts:
            raise ImportFault("No answer is right.")
        return AskedBlank(response_id, ident, texts, said[0], is_part="TextContainsAnswer" in how)


class AskedBlank(AskedText):
    """A text is typed, and each of those given is right, though processing names only one of them."""

    def __init__(self, response_id: str, ident: str, texts: list[str], named: str, *, is_part: bool) -> None:
        declared = Declaration(ident, "single", "string", correct=texts[0])
        super().__init__(response_id, declared, Hints(texts, [], [], []))
        self._given = [text.casefold() for text in texts]
        self._named = named
        self._is_part = is_part

    def value(self, part: PartValue) -> Value:
        said = str(part).strip().casefold()
        fits = any(text in said for text in self._given) if self._is_part else said in self._given
        return self._named if fits else str(part)


class _Groups:
    """Rows, each a response with the labels that can be put beside it."""

    def __init__(self, item: Element, rows: list[Element], materials: Materials) -> None:
        self._item = item
        self._rows = rows
        self._materials = materials

    def asked(self, *, is_category: bool) -> Asked:
        """One choice for each row; or, in categories, any, and each of them once."""
        idents = [row.get("ident", "") for row in self._rows]
        labels = {
            label.get("ident", ""): label
            for row in self._rows
            for label in row.iter("response_label")
            if self._materials.line(label)
        }
        own_rows, own_labels = own_ids(idents), own_ids(list(labels))
        rows = [
            PairOption(name, self._row(row), None if is_category else 1)
            for name, row in zip(own_rows, self._rows, strict=True)
        ]
        columns = [
            PairOption(name, self._materials.line(label), 1 if is_category else None)
            for name, label in zip(own_labels, labels.values(), strict=True)
        ]
        if not rows or not columns or not all(one.body for one in (*rows, *columns)):
            raise ImportFault("One of those that are put together shows nothing.")

        def make(key: PairKey) -> Interaction:
            return Match(response_id="answer", rows=rows, columns=columns, shuffle_columns=True, **key._asdict())

        said = [f"{row} {label}" for row in idents for label in said_of(self._item, row) if label in labels]
        names = (dict(zip(own_rows, idents, strict=True)), dict(zip(own_labels, labels, strict=True)))
        declared = Declaration("", "multiple", "identifier", correct=contained([*said]))
        return _AskedGroups("answer", declared, Sides(rows, columns), names, None, make, ("none", "rows"))

    def _row(self, row: Element) -> str:
        return "".join(self._materials.line(one) for one in children(row, "material"))


class _AskedGroups(AskedPairs):
    """Pairs that set a variable for each row."""

    def values(self, part: PartValue) -> dict[str, Value]:
        found: dict[str, list[str]] = {}
        for row, label in pairs_of(part):
            found.setdefault(self.names[0][row], []).append(self.names[1][label])
        return {ident: contained([*labels]) for ident, labels in found.items()}


def said_of(item: Element, ident: str) -> list[str]:
    """What of a response gives points: what its conditions that set a score name."""
    found: list[str] = []
    for rule in item.iter("respcondition"):
        if not any(text_of(one) not in ("0", "0.0", "0.00") for one in children(rule, "setvar")):
            continue
        for one in rule.iter("varequal"):
            is_denied = any(above.tag == "not" for above in one.iterancestors())
            if one.get("respident") == ident and not is_denied:
                found.append(text_of(one))
    return list(dict.fromkeys(found))


def _lengths(response: Element, fib: Element | None) -> Lengths:
    """How long a text may be: Canvas' new quizzes limit words."""
    most = 0 if fib is None else whole(fib, "maxchars", 0)
    max_chars = most if 1 <= most <= limits.MAX_ANSWER_CHARS else None
    if response.get("word_limit_enabled", "No") != "Yes":
        return Lengths(max_chars)
    words = [min(whole(response, f"word_limit_{end}", 0), limits.MAX_ANSWER_CHARS) or None for end in ("min", "max")]
    return Lengths(max_chars, *words)


def numbers_of(texts: Sequence[str]) -> list[Fraction]:
    """Those of the texts that are numbers."""
    found: list[Fraction] = []
    for text in texts:
        try:
            found.append(number(text))
        except ImportFault:
            continue
    return found


def _shape(label: Element, picture: Picture) -> Shape:
    numbers = [number(part) for part in text_of(label).replace(",", " ").split()[:200]]
    if numbers and all(0 <= one <= 1 for one in numbers):
        sides = (picture.width, picture.height)
        numbers = [Fraction(round(one * sides[place % 2])) for place, one in enumerate(numbers)]
    kind = {"rectangle": "rect", "ellipse": "ellipse", "bounded": "poly", "circle": "circle"}.get(
        label.get("rarea", "")
    )
    return read_shape(kind or "", " ".join(str(int(one)) for one in numbers))
