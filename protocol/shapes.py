"""What a decoder says of a value that has another shape than asked for, as people say it."""

import re
from collections.abc import Callable
from typing import Final, NamedTuple

_AT: Final = re.compile(r"(.*?) - at `(?:key in )?\$\.?([^`]*)`$", re.DOTALL)
_KINDS: Final = {
    "str": "a text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "array": "a list",
    "object": "a list of names and values",
    "null": "nothing",
}
_KIND: Final = "|".join(_KINDS)


class Misshapen(NamedTuple):
    """Where it is, in names and places parted by points and brackets (`options[2].id`; blank: it is the whole), and
    what is wrong, as the rest of a sentence about it."""

    path: str
    what: str

    def __str__(self) -> str:
        """The sentence, without its end."""
        return f"`{self.path}` {self.what}" if self.path else f"it {self.what}"


def split_path(path: str) -> tuple[str, str]:
    """The first name of where something is, and the rest."""
    name = re.split(r"[.\[]", path)[0]
    return name, path[len(name) :]


def misshapen(text: str) -> Misshapen:
    """Reads the text of a `msgspec.ValidationError`. One that is not known here is left as it is."""
    what, path = found.groups() if (found := _AT.match(text)) else (text, "")
    for pattern, said in _SAID:
        if match := pattern.fullmatch(what):
            return Misshapen(path, said(match))
    return Misshapen(path, what[:1].lower() + what[1:])


def _kind(names: str) -> str:
    known = [_KINDS[name] for name in names.split(" | ") if name in _KINDS and name != "null"]
    return " or ".join(known) or "something else"


def _too_long(match: re.Match[str]) -> str:
    unit = "characters" if match[1] == "str" else "entries"
    return f"has more than {match[2]} {unit}"


def _too_short(match: re.Match[str]) -> str:
    if match[2] == "1":
        return "is empty"
    return f"has fewer than {match[2]} {'characters' if match[1] == 'str' else 'entries'}"


_SAID: Final[tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...]] = (
    (re.compile(r"Expected `(str|array|object|bytes)` of length <= ([0-9]+)"), _too_long),
    (re.compile(r"Expected `(str|array|object|bytes)` of length >= ([0-9]+)"), _too_short),
    (re.compile(r"Expected `(?:int|float)` <= (\S+)"), lambda match: f"is greater than {match[1]}"),
    (re.compile(r"Expected `(?:int|float)` >= (\S+)"), lambda match: f"is less than {match[1]}"),
    (re.compile(r"Expected `(?:int|float)` > (\S+)"), lambda match: f"is not greater than {match[1]}"),
    (re.compile(r"Expected `(?:int|float)` < (\S+)"), lambda match: f"is not less than {match[1]}"),
    (re.compile(r"Integer value out of range"), lambda _: "is too large or too small a number"),
    (re.compile(r"Expected `str` matching regex .*", re.DOTALL), lambda _: "has characters that can't stand there"),
    (
        re.compile(rf"Expected `([^`]+)`, got `({_KIND})`"),
        lambda match: f"is {_KINDS[match[2]]}, and should be {_kind(match[1])}",
    ),
    (re.compile(r"Invalid (?:enum )?value (.{1,60})", re.DOTALL), lambda match: f"can't be {match[1]}"),
    (re.compile(r"Object missing required field `([^`]+)`"), lambda match: f"lacks `{match[1]}`"),
    (
        re.compile(r"Object contains unknown field `([^`]{1,60})`"),
        lambda match: f"has a field that is not known, `{match[1]}`",
    ),
)
