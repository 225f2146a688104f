"""What people type, as vectors: numbers with what is read, and pairs of texts that are the same answer or not.

They are made by chance from a seed, so that nobody chooses only what works.
"""

# ruff: noqa: RUF001 (characters that are easily taken for others are what this is about)

from collections.abc import Iterator, Sequence
from random import Random
from typing import Any, Final, get_args

from protocol.marking.numbers import DecimalSign, read_key, read_number, spell
from protocol.marking.text import fold_text

_NUMBERS: Final = 250
_TEXTS: Final = 320

_AROUND: Final = ("", "", "", " ", "\t", "\ufeff", "\u200b", "\u00a0", "\u2060 ")
_MINUS: Final = ("", "", "", "-", "\u2212", "\u2013", "\uff0d", "+", "--")
_POINTS: Final = ("", ".", ",", ".", ",", "\u066b", "'", "..")
_GROUPS: Final = ("", "", "", "", " ", "\u00a0", "\u202f", ",", ".", "'", "_")
_POWERS: Final = ("", "", "", "", "e3", "E-2", "e+1", "e", "e299", "e400", "×10³", "%")
_SCRIPTS: Final = (0x30, 0x30, 0x30, 0x30, 0x30, 0xFF10, 0x660, 0x6F0, 0x966)
_WHOLE: Final = (
    "1,234", "1.234", "-1,234", "1,2345", "12,500", "0,123", "1234,567", "12 500", "1 234,5", "12 50", "1\u200b2",
    "½", "1½", "10³", "0x10", "NaN", "inf", "Infinity", "1_000", "", ".", "-", "e5", "1.2.3", "1,234.5", "1.234,5",
    "00012", "-0", "0e999", ".5", "5.", ",5", "5,", "1" * 64, "1" * 65, "0." + "0" * 61 + "1", "1e300", "1e301",
    "9" * 22, "1e-300", "1e-301", "0.00001", "0.0000001", "1\n", "1 2", "1, 5", "− 5", "-\ufeff5", "1.5e3",
    "1,5e3", "123456789012345678901.5", "\u00ad3",
)  # fmt: skip


def _digits(chance: Random, count: int, zero: int) -> str:
    return "".join(chr(zero + chance.randrange(10)) for _ in range(count))


def _number(chance: Random) -> str:
    # Most are nearly right: with each part from all there is, hardly any would be a number.
    def one_of(choices: Sequence[str], rest: str) -> str:
        return chance.choice(choices) if chance.random() < 0.3 else rest

    zero = chance.choice(_SCRIPTS) if chance.random() < 0.3 else 0x30
    whole = _digits(chance, chance.choice((0, 1, 1, 2, 3, 4)), zero)
    group = one_of(_GROUPS, "")
    counts = (0, 1, 1, 2) if group else (0,)
    groups = "".join(group + _digits(chance, chance.choice((3, 3, 3, 2)), zero) for _ in range(chance.choice(counts)))
    point = one_of(_POINTS, chance.choice((".", ",")))
    part = _digits(chance, chance.choice((0, 1, 2, 3, 3, 4)), zero) if point else ""
    said = one_of(_MINUS, "") + whole + groups + point + part + one_of(_POWERS, "")
    return chance.choice(_AROUND) + said + chance.choice(_AROUND)


def numbers() -> Iterator[dict[str, Any]]:
    """Texts; the number that is read in them with each decimal sign, or null; the other number that could be meant, or
    null; and whether the text may be a key of a test."""
    chance = Random("numbers")  # noqa: S311 (the vectors are the same each time)
    for text in (*_WHOLE, *(_number(chance) for _ in range(_NUMBERS))):
        for sign in get_args(DecimalSign):
            reading = read_number(text, sign)
            yield {
                "text": text,
                "sign": sign,
                "number": None if reading is None else spell(reading.number),
                "other": None if reading is None or reading.other is None else spell(reading.other),
                "key": _may_be_key(text, sign),
            }


def _may_be_key(text: str, sign: DecimalSign) -> bool:
    try:
        read_key(text, sign)
    except ValueError:
        return False
    return True


_SAID: Final = (
    "New York", "don't", '"yes"', "well-known", "10³ m", "103 m", "m²", "x⁻¹", "H₂O", "½", "1½", "istanbul", "ISI",
    "ısı", "Straße", "naïve", "ﬁne", "…", "5 – 7", "Ω", "é", "a/b", "㎡", "№ 1", "O’Neil", "«oui»", "１２", "ﷺ", "ß",
    "İzmir", "10^3 m",
)  # fmt: skip
_DISGUISES: Final = {
    "'": ("’", "‘", "´", "`", "ʼ", "′", "＇"),
    '"': ("“", "”", "„", "«", "»", "″"),
    "-": ("‐", "‑", "–", "—", "−", "－"),
    " ": ("  ", "\u00a0", "\t", "\u2009", "\u3000"),
    "/": ("⁄", "∕"),
    "é": ("e\u0301",),
}
_LANGUAGES: Final = (None, None, None, "tr", "az-Latn", "de")


def _disguised(chance: Random, text: str) -> str:
    letters = []
    for character in text:
        letters.append(chance.choice(_DISGUISES.get(character, (character,))))
        if chance.random() < 0.1:
            letters.append(chance.choice(("\u200b", "\ufeff", "\u00ad", "\u2060")))
    typed = "".join(letters)
    change = chance.choice((str, str, str.upper, str.lower))
    return chance.choice(_AROUND) + change(typed) + chance.choice(_AROUND)


def texts() -> Iterator[dict[str, Any]]:
    """Accepted texts with what was typed: whether that is the same."""
    chance = Random("texts")  # noqa: S311 (the vectors are the same each time)
    for _ in range(_TEXTS):
        accepted = chance.choice(_SAID)
        typed = _disguised(chance, accepted if chance.random() < 0.6 else chance.choice(_SAID))
        sensitive, language = chance.random() < 0.3, chance.choice(_LANGUAGES)
        same = fold_text(typed, sensitive, language) == fold_text(accepted, sensitive, language)
        yield {"accepted": accepted, "typed": typed, "case_sensitive": sensitive, "language": language, "same": same}
