"""Readers of the values of an exam file's fields.

Each raises ValueError with the rest of a sentence that begins with the field's name.
"""

import re
from collections.abc import Callable
from datetime import datetime
from fractions import Fraction
from typing import Final

from protocol.content import Draw, Option
from protocol.ids import read_address_id
from server.exam.summary import duration_in_words
from server.exam.texts import text
from server.instants import ms_of, read_moment


def address_id(given: object) -> str:
    return read_address_id(text(given))


def texts(given: object) -> list[str]:
    return [text(item) for item in given] if isinstance(given, list) else [text(given)]


def tools(given: object) -> list[str]:
    """Names of tools; "none": there is no tool, whatever the test allows elsewhere."""
    return [] if given == "none" else texts(given)


def a_list(given: object) -> list[object]:
    if not isinstance(given, list):
        raise ValueError("must be a list")
    return given


def a_map(given: object) -> dict[str, object]:
    if not isinstance(given, dict):
        raise ValueError("must have fields of its own")
    return given


def optional(reader: Callable[[object], object]) -> Callable[[object], object]:
    return lambda given: None if given == "none" else reader(given)


def truth(given: object) -> bool:
    match given:
        case "true" | "True" | "yes" | "Yes":
            return True
        case "false" | "False" | "no" | "No":
            return False
        case _:
            raise ValueError("must be true or false")


def whole(given: object) -> int:
    written = text(given)
    if not re.fullmatch(r"-?[0-9]{1,16}", written):
        raise ValueError("must be a whole number")
    return int(written)


_UNITS: Final = {
    1: ("ms",),
    1_000: ("s", "sec", "second", "seconds"),
    60_000: ("m", "min", "minute", "minutes"),
    3_600_000: ("h", "hour", "hours"),
    86_400_000: ("d", "day", "days"),
}
_UNIT_MS: Final = {name: unit_ms for unit_ms, names in _UNITS.items() for name in names}
_PART: Final = re.compile(r"([0-9]{1,15}(?:\.[0-9]{1,6})?)\s*([a-z]+)(?:\s+|$)")


def duration(given: object) -> int:
    """Milliseconds of "1 h 30 min", "90 minutes", "2 s"."""
    written = text(given).lower()
    if re.fullmatch(r"[0-9]{1,12}", written):
        count = int(written)
        seconds, minutes = duration_in_words(count * 1_000), duration_in_words(count * 60_000)
        raise ValueError(f'must name its unit, like "{count} s" ({seconds}) or "{count} min" ({minutes})')
    total, position = Fraction(0), 0
    while part := _PART.match(written, position):
        number, unit = part.groups()
        if unit not in _UNIT_MS:
            break
        total += Fraction(number) * _UNIT_MS[unit]
        position = part.end()
    if not written or position < len(written) or total.denominator != 1:
        raise ValueError('must be a duration like "90 minutes", "1 h 30 min" or "2 s"')
    return int(total)


def durations(given: object) -> list[int]:
    return [duration(item) for item in a_list(given)]


def moment(given: object) -> datetime:
    return read_moment(text(given))


def instant(given: object) -> int:
    return ms_of(moment(given))


def options(given: object) -> list[Option]:
    """Texts, which get the letters a, b, c… as their ids; or maps from id to text. The texts stand as they are written
    where the option has its body."""
    if isinstance(given, dict):
        return [Option(text(option_id), text(said)) for option_id, said in given.items()]
    listed: list[Option] = []
    for position, item in enumerate(a_list(given)):
        if isinstance(item, dict):
            if len(item) != 1:
                raise ValueError("must name each option by one id, as in `- a: First`")
            listed.extend(options(item))
        else:
            listed.append(Option(letters(position), text(item)))
    return listed


def letters(position: int) -> str:
    """The id of what has none, by its place from 0: a, b, … z, aa, ab…"""
    high, low = divmod(position, 26)
    return (chr(ord("a") + high - 1) if high else "") + chr(ord("a") + low)


def forms(given: object) -> dict[str, list[str]]:
    return {form_id: texts(a_list(chosen)) for form_id, chosen in a_map(given).items()}


def titles(given: object) -> dict[str, str]:
    return {name: text(title) for name, title in a_map(given).items()}


def _pool(given: object) -> list[str]:
    found = a_list(given)
    if any(isinstance(one, dict) for one in found):
        raise ValueError("has a pool with a draw in it: pools are made of questions alone")
    return texts(found)


def _count(given: object) -> int:
    count = whole(given)
    if count < 1:
        raise ValueError("has a draw of no question: a draw takes one at least")
    return count


def items(given: object) -> list[str | Draw]:
    """Ids of questions; and draws, as `draw: 2` with `of: [a, b, c]` or with `tag: easy`."""
    listed: list[str | Draw] = []
    for item in a_list(given):
        if not isinstance(item, dict):
            listed.append(text(item))
        elif set(item) == {"draw", "of"}:
            listed.append(Draw(_count(item["draw"]), _pool(item["of"])))
        elif set(item) == {"draw", "tag"}:
            listed.append(Draw(_count(item["draw"]), tag=text(item["tag"])))
        else:
            raise ValueError(
                "must list ids of questions, or draws like `{draw: 2, of: [one, two, three]}` or `{draw: 2, tag: easy}`"
            )
    return listed
