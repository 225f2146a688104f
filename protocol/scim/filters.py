"""Filters (RFC 7644, 3.4.2.2): read by their whole grammar, with limits on length and depth.

filter   = or
or       = and *("or" and)
and      = term *("and" term)
term     = ["not"] "(" filter ")" / path "[" filter "]" / path "pr" / path operator value
"""

import re
from typing import Any, Final, Literal

import msgspec

from protocol import limits
from protocol.scim.faults import INVALID_FILTER, ScimFault

Operator = Literal["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"]
Value = str | bool | int | float | None
OPERATORS: Final[frozenset[str]] = frozenset({"eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"})
_TOKEN: Final = re.compile(
    r"\s*(?:(?P<sign>[()\[\]])|(?P<text>\"(?:[^\"\\]|\\.)*\")|(?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.:]))"
    r"|(?P<word>[A-Za-z$][\w$.:\-]*))",
    re.ASCII,
)
_WORDS: Final[dict[str, bool | None]] = {"true": True, "false": False, "null": None}


class Comparison(msgspec.Struct, frozen=True):
    """`path operator value`."""

    path: str
    operator: Operator
    value: Value


class Present(msgspec.Struct, frozen=True):
    """`path pr`: there is a value, and it is not empty."""

    path: str


class OfOne(msgspec.Struct, frozen=True):
    """`path[filter]`: one value of the attribute fits all of it."""

    path: str
    inner: "Filter"


class Not(msgspec.Struct, frozen=True):
    """`not (filter)`."""

    inner: "Filter"


class AllOf(msgspec.Struct, frozen=True):
    """`filter and filter and …`."""

    inner: tuple["Filter", ...]


class AnyOf(msgspec.Struct, frozen=True):
    """`filter or filter or …`."""

    inner: tuple["Filter", ...]


Filter = Comparison | Present | OfOne | Not | AllOf | AnyOf


def parse_filter(text: str) -> Filter:
    """Raises `ScimFault(invalidFilter)` with where it stops to be one."""
    if len(text) > limits.MAX_FILTER_CHARS:
        raise _fault(f"The filter has more than {limits.MAX_FILTER_CHARS} characters.")
    parser = _Parser(_tokens(text))
    found = parser.any(0)
    if parser.next_is() is not None:
        raise _fault(f"The filter goes on with `{parser.next_is()}` where it should end.")
    return found


def _fault(detail: str) -> ScimFault:
    return ScimFault(INVALID_FILTER, detail)


def _tokens(text: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    at, end = 0, len(text.rstrip())
    while at < end:
        match = _TOKEN.match(text, at)
        if match is None:
            raise _fault(f"The filter can't be read from character {at + 1} on.")
        assert match.lastgroup is not None
        found.append((match.lastgroup, match[match.lastgroup]))
        at = match.end()
    return found


class _Parser:
    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self._tokens = tokens
        self._at = 0

    def next_is(self) -> str | None:
        return self._tokens[self._at][1] if self._at < len(self._tokens) else None

    def any(self, depth: int) -> Filter:
        if depth > limits.MAX_FILTER_DEPTH:
            raise _fault(f"The filter is nested more than {limits.MAX_FILTER_DEPTH} deep.")
        parts = [self._all(depth)]
        while self._took("or"):
            parts.append(self._all(depth))
        return parts[0] if len(parts) == 1 else AnyOf(tuple(parts))

    def _all(self, depth: int) -> Filter:
        parts = [self._term(depth)]
        while self._took("and"):
            parts.append(self._term(depth))
        return parts[0] if len(parts) == 1 else AllOf(tuple(parts))

    def _term(self, depth: int) -> Filter:
        if self._took_sign("("):
            return self._closed(depth, ")")
        kind, text = self._take("an attribute")
        if kind != "word":
            raise _fault(f"The filter has `{text}` where the name of an attribute should be.")
        if text.casefold() == "not" and self._took_sign("("):
            return Not(self._closed(depth, ")"))
        if self._took_sign("["):
            return OfOne(text, self._closed(depth, "]"))
        _, operator = self._take("an operator")
        operator = operator.casefold()
        if operator == "pr":
            return Present(text)
        if operator not in OPERATORS:
            raise _fault(f'The filter has `{operator}` where an operator should be, as in `{text} eq "…"`.')
        return Comparison(text, operator, self._value())  # type: ignore[arg-type]  # it is one of them

    def _closed(self, depth: int, sign: str) -> Filter:
        inner = self.any(depth + 1)
        if not self._took_sign(sign):
            raise _fault(f"The filter lacks a `{sign}`.")
        return inner

    def _value(self) -> Value:
        kind, text = self._take("a value")
        if kind == "word" and text.casefold() in _WORDS:
            return _WORDS[text.casefold()]
        if kind not in ("text", "number"):
            raise _fault(f"The filter has `{text}` where a value should be: a text stands in double quotes.")
        try:
            value: Any = msgspec.json.decode(text)
        except (msgspec.DecodeError, UnicodeError):
            raise _fault(f"The filter has the value {text[:100]}, which is none of JSON.") from None
        if isinstance(value, str) and "\0" in value:
            raise _fault("The filter has a text with a character U+0000 in it, which no text here has.")
        return value  # type: ignore[no-any-return]

    def _take(self, wanted: str) -> tuple[str, str]:
        if self._at == len(self._tokens):
            raise _fault(f"The filter ends where {wanted} should be.")
        self._at += 1
        return self._tokens[self._at - 1]

    def _took(self, word: str) -> bool:
        return self._took_if(lambda kind, text: kind == "word" and text.casefold() == word)

    def _took_sign(self, sign: str) -> bool:
        return self._took_if(lambda kind, text: kind == "sign" and text == sign)

    def _took_if(self, fits: Any) -> bool:
        fitting = self._at < len(self._tokens) and fits(*self._tokens[self._at])
        self._at += fitting
        return bool(fitting)
