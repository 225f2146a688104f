"""Texts and numbers that are typed: `textEntryInteraction` and `extendedTextInteraction`."""

from fractions import Fraction
from itertools import product
from typing import ClassVar, Final

from protocol import limits
from protocol.content import AcceptedText, Essay, Interaction, Numeric, ShortText
from protocol.marking.numbers import read_number, spell
from protocol.marking.text import fold_text
from protocol.messages.base import PartValue
from server.importing.faults import ImportFault
from server.importing.qti.asked import Asked, Hints, Worth, best_of, mpt, says_the_same
from server.importing.qti.declarations import Declaration, correct_values
from server.importing.qti.demands import NO_LENGTHS, Lengths
from server.importing.qti.values import Value
from server.importing.qti.windows import accepted_numbers, stretches, written

_FILLER: Final = "qzx"
_OTHER: Final = ("zzqx", "?", "0")
_MAX_TEXTS: Final = 60
_MAX_VARIANTS: Final = 32
_MAX_ACCEPTED: Final = 100
_MAX_TEXT_CHARS: Final = 1_000
_USUAL_TEXT_CHARS: Final = 200
_MAX_GUIDANCE_CHARS: Final = 20_000


class AskedText(Asked):
    """A text is typed, of `max_chars` characters at most."""

    def __init__(self, response_id: str, declared: Declaration, hints: Hints, max_chars: int | None = None) -> None:
        super().__init__(response_id, declared)
        self._max_chars = max_chars or _USUAL_TEXT_CHARS
        keys = [] if declared.mapping is None else [entry.key for entry in declared.mapping.entries]
        given = [str(text) for text in (*correct_values(declared), *keys)] + hints.texts
        self._texts = list(dict.fromkeys(text for text in given if text.strip()))
        if len(self._texts) > _MAX_TEXTS:
            raise ImportFault(f"It accepts more than {_MAX_TEXTS} texts.")

    def tried(self) -> list[PartValue]:
        found = [near for text in self._texts for near in (*_cases(text), *_around(text).values())]
        return list(dict.fromkeys([*found, *_OTHER]))

    def right(self) -> list[PartValue]:
        return [str(text) for text in correct_values(self.declared)]

    def value(self, part: PartValue) -> Value:
        return self.read([str(part)])

    def keyed(self, worth: Worth) -> Interaction:
        worths = [(part, worth(part)) for part in self.tried()]
        best = best_of(worths)
        rest = min((found for part, found in worths if part in _OTHER), default=Fraction(0))
        for has_case in (False, True):
            made = self._made(worths, best, rest, has_case)
            if made is not None and says_the_same(made, worths):
                return made
        raise ImportFault("Its response processing gives points for texts in a way that no key here does.")

    def _made(
        self, worths: list[tuple[PartValue, Fraction]], best: Fraction, rest: Fraction, has_case: bool
    ) -> Interaction | None:
        worth = {str(part): found for part, found in worths}
        least = max(rest, Fraction(0))
        accepted: dict[str, AcceptedText] = {}
        for text in self._texts:
            for way in _cases(text):
                if worth[way] > least:
                    accepted.setdefault(fold_text(way, has_case), _accepted(way, worth[way], best))
            around = {pattern: near for pattern, near in _around(text).items() if worth[near] > least}
            # Only the widest pattern: the others are in it.
            for pattern, near in list(around.items())[:1]:
                accepted[pattern] = _accepted(pattern, worth[near], best, is_pattern=True)
        if rest > 0:
            accepted["*"] = _accepted("*", rest, best, is_pattern=True)
        if not accepted or len(accepted) > _MAX_ACCEPTED or any(len(text) > _MAX_TEXT_CHARS for text in accepted):
            return None
        longest = max(len(one.text) for one in accepted.values())
        return ShortText(
            response_id=self.response_id,
            points_mpt=mpt(best),
            accepted=[one.text if one.points_mpt is None and not one.pattern else one for one in accepted.values()],
            case_sensitive=has_case,
            max_chars=min(_MAX_TEXT_CHARS, max(self._max_chars, longest)),
            wrong_mpt=mpt(-rest) if rest < 0 else 0,
        )


def _accepted(text: str, worth: Fraction, best: Fraction, *, is_pattern: bool = False) -> AcceptedText:
    return AcceptedText(text=text, pattern=is_pattern, points_mpt=None if worth == best else mpt(worth))


def _plain(text: str) -> str:
    """A text that a pattern of QTI fits: a text is one itself."""
    return text.replace(".*", "").replace("\\", "")


def _around(text: str) -> dict[str, str]:
    """Patterns with the text in them, the widest first, each with an answer that fits no narrower one."""
    plain = _plain(text)
    if ".*" in text.strip(".*"):
        return {text.replace(".*", "*").replace("\\", ""): text.replace(".*", _FILLER).replace("\\", "")}
    if not plain.strip() or "*" in plain:
        return {}
    return {
        f"*{plain}*": f"{_FILLER}{plain}{_FILLER}",
        f"{plain}*": f"{plain}{_FILLER}",
        f"*{plain}": f"{_FILLER}{plain}",
    }


def _cases(text: str) -> list[str]:
    """The text, and itself in other letter cases: all where it has few letters."""
    text = _plain(text)
    found = [text, text.lower(), text.upper(), text.swapcase(), text.title()]
    ways = [dict.fromkeys((sign.lower(), sign.upper())) for sign in text]
    count = 1
    for way in ways:
        count *= len(way)
    if count <= _MAX_VARIANTS:
        found += ["".join(signs) for signs in product(*ways)]
    return list(dict.fromkeys(found))


class AskedNumber(Asked):
    """A number is typed."""

    def __init__(self, response_id: str, declared: Declaration, hints: Hints) -> None:
        super().__init__(response_id, declared)
        keys = [] if declared.mapping is None else [entry.key for entry in declared.mapping.entries]
        constants = [one for one in (*correct_values(declared), *keys) if isinstance(one, Fraction)] + hints.numbers
        self._is_whole = declared.base == "integer"
        self._stretches = stretches(constants, hints, is_whole=self._is_whole)
        self._numbers = sorted({number for stretch in self._stretches for number in stretch})

    def tried(self) -> list[PartValue]:
        return [written(number) for number in self._numbers]

    def right(self) -> list[PartValue]:
        return [written(one) for one in correct_values(self.declared) if isinstance(one, Fraction)]

    def unkeyed(self) -> Interaction:
        return Numeric(response_id=self.response_id)

    def value(self, part: PartValue) -> Value:
        reading = read_number(str(part))
        return None if reading is None else self.read([spell(reading.number)])

    def keyed(self, worth: Worth) -> Interaction:
        worths = [(part, worth(part)) for part in self.tried()]
        best = best_of(worths)
        rest = worths[0][1]
        found = {number: worth for number, (_, worth) in zip(self._numbers, worths, strict=True)}
        if any(len({found[number] for number in stretch}) > 1 for stretch in self._stretches):
            raise ImportFault("Its response processing gives points for numbers in a way that no key here does.")
        accepted = accepted_numbers(list(found.items()), best, rest)
        made = Numeric(
            response_id=self.response_id,
            points_mpt=mpt(best),
            accepted=accepted,
            wrong_mpt=mpt(-rest) if rest < 0 else 0,
        )
        if not says_the_same(made, worths):
            raise ImportFault("Its response processing gives points for numbers in a way that no key here does.")
        return made


class AskedEssay(Asked):
    """A text that a person marks. `guidance` is what the author says to whoever does; it may stand behind it."""

    needs_person: ClassVar[bool] = True

    def __init__(
        self,
        response_id: str,
        declared: Declaration,
        guidance: list[str],
        lengths: Lengths = NO_LENGTHS,
        *,
        rich: bool = False,
    ) -> None:
        super().__init__(response_id, declared)
        self._lengths = lengths
        self._guidance = guidance
        self._rich = rich

    def tried(self) -> list[PartValue]:
        return ["An answer."]

    def right(self) -> list[PartValue]:
        return []

    def value(self, part: PartValue) -> Value:
        return str(part) if self.declared.base == "string" and self.declared.cardinality == "single" else None

    def keyed(self, worth: Worth) -> Interaction:
        return Essay(
            response_id=self.response_id,
            points_mpt=mpt(worth("An answer.")),
            guidance=joined(self._guidance),
            max_chars=self._lengths.max_chars or limits.MAX_ANSWER_CHARS,
            min_words=self._lengths.min_words,
            max_words=self._lengths.max_words,
            format="rich" if self._rich else "plain",
        )


def joined(guidance: list[str]) -> str | None:
    """Notes for whoever marks as one text; None: there are none."""
    return "\n\n".join(guidance)[:_MAX_GUIDANCE_CHARS] or None
