"""How a number that a person typed is read.

The page (`clients/web/src/core/numbers.ts`), the server and the importer of exam files read alike:
`protocol/vectors/numbers.json` holds them against each other.
"""

import re
from decimal import Decimal
from fractions import Fraction
from typing import Final, Literal

import msgspec

from protocol.seen import WHITE_SPACE, visible

DecimalSign = Literal[".", ",", "either"]

_MOST_CHARS: Final = 64
_MOST_MAGNITUDE: Final = 300
_ALIKE: Final = {
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2212\ufe63\uff0d", "-"),
    "\uff0b": "+",
    "\uff0e": ".",
    "\uff0c": ",",
    "\uff45": "e",
    "\uff25": "E",
    **{chr(zero + digit): str(digit) for zero in (0x660, 0x6F0, 0xFF10) for digit in range(10)},
}
"""Minus signs and hyphens, full-width characters, and the digits of Arabic and Persian."""
_TO_ASCII: Final = str.maketrans(_ALIKE)
_NUMBER: Final = re.compile(r"([+-]?)([0-9]*)(?:([.,])([0-9]*))?(?:[eE]([+-]?[0-9]{1,4}))?", re.ASCII)
_GROUPED: Final = re.compile(r"([+-]?[0-9]{1,3}(?:[ \u00a0\u2009\u202f][0-9]{3})+)(?=[.,eE]|$)", re.ASCII)
_SPACES: Final = re.compile("[ \u00a0\u2009\u202f]")


class Reading(msgspec.Struct, frozen=True):
    """The number that a text means; and, where its sign could separate thousands too, the other one that somebody could
    have meant by it."""

    number: Decimal
    other: Decimal | None = None


def read_number(text: str, sign: DecimalSign = "either") -> Reading | None:
    """A finite number as people write it, None where it is none: "3.5", "-1e3", "12 500.5", with spaces and invisible
    characters around. `sign` is the decimal sign; either: a point or a comma, whichever is there. Thousands are
    separated by spaces alone."""
    plain = visible(text).strip(WHITE_SPACE).translate(_TO_ASCII)
    grouped = _GROUPED.match(plain)
    if grouped:
        plain = _SPACES.sub("", grouped[1]) + plain[grouped.end() :]
    found = _NUMBER.fullmatch(plain)
    if found is None or len(plain) > _MOST_CHARS:
        return None
    negative, whole, point, part, power = found.groups(default="")
    if not whole + part or (point and sign not in ("either", point)):
        return None
    number = _within(f"{negative}{whole or 0}.{part or 0}e{power or 0}")
    if number is None:
        return None
    may_group = (
        sign == "either" and not grouped and not power and len(part) == 3 and re.fullmatch("[1-9][0-9]{0,2}", whole)
    )
    return Reading(number, Decimal(f"{negative}{whole}{part}") if may_group else None)


def _within(text: str) -> Decimal | None:
    number = Decimal(text)
    if not number:
        return Decimal(0)
    return number if abs(number.adjusted()) <= _MOST_MAGNITUDE else None


def read_key(text: str, sign: DecimalSign = "either") -> Fraction:
    """A number in a test's key, exactly. Raises `ValueError` with the rest of a sentence that begins with its field."""
    reading = read_number(text, sign)
    if reading is None:
        how = "" if sign == "either" else f" written with the decimal sign {sign!r}"
        raise ValueError(f"is not a number{how}")
    if reading.other is not None and "," in text.translate(_TO_ASCII):
        one, other = spell(reading.number), spell(reading.other)
        raise ValueError(f"could be {one} or {other}: write one of the two")
    return Fraction(reading.number)


def spell(number: Decimal) -> str:
    """The number as it is said back, with a point: "12500.5"; a very large or small one as "1.5e30"."""
    sign, digits, exponent = number.as_tuple()
    assert isinstance(exponent, int), "it is finite"
    kept = "".join(map(str, digits)).lstrip("0")
    if not kept:
        return "0"
    stripped = kept.rstrip("0")
    exponent += len(kept) - len(stripped)
    minus = "-" if sign else ""
    first = len(stripped) + exponent
    if not -5 <= first <= 21:
        part = f".{stripped[1:]}" if len(stripped) > 1 else ""
        return f"{minus}{stripped[0]}{part}e{first - 1}"
    if exponent >= 0:
        return minus + stripped + "0" * exponent
    if first <= 0:
        return f"{minus}0.{'0' * -first}{stripped}"
    return f"{minus}{stripped[:first]}.{stripped[first:]}"
