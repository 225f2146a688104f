"""What the attributes of a body may say. Each check gives the value that is kept, or None."""

import re
from collections.abc import Callable
from typing import Final

from protocol.markup import ATTRIBUTES, EVERYWHERE, ID_PREFIX, MATH, MEDIA, PLACES

MAX_WORDS: Final = 2_000
"""Characters of an alternative text, a title or the LaTeX of a formula are cut to no less than this."""
MAX_SPAN: Final = 50
"""Columns and rows that one cell may cover: a browser makes room for each."""

_ID: Final = re.compile(r"[A-Za-z][A-Za-z0-9_.:-]{0,99}")
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,6}")
_HTTPS: Final = re.compile(r"https://[A-Za-z0-9][^\s<>\"'`\\\x00-\x20\x7f]{0,1999}")
_MEDIA: Final = re.compile(r"media:[0-9a-f]{64}")
_LENGTH: Final = re.compile(r"-?[0-9]{0,2}(\.[0-9]{1,4})?(em|ex)?")
_PIXELS: Final = re.compile(r"[1-9][0-9]{0,4}")
_WHOLE: Final = re.compile(r"-?[0-9]{1,6}")
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")

Check = Callable[[str], str | None]


def _one_of(*words: str) -> Check:
    return lambda value: value.lower() if value.lower() in words else None


def _like(pattern: re.Pattern[str]) -> Check:
    return lambda value: value if pattern.fullmatch(value) else None


def _words(value: str) -> str | None:
    return None if len(value) > MAX_WORDS or _CONTROLS.search(value) else value


def _formula(value: str) -> str | None:
    return None if len(value) > 2 * MAX_WORDS or _CONTROLS.search(value) else value


def _span(value: str) -> str | None:
    return value if value.isascii() and value.isdigit() and len(value) <= 2 and 1 <= int(value) <= MAX_SPAN else None


def _length(value: str) -> str | None:
    return value if value and _LENGTH.fullmatch(value) and any(sign.isdigit() for sign in value) else None


def _id(value: str) -> str | None:
    if not _ID.fullmatch(value):
        return None
    return value if value.startswith(ID_PREFIX) else ID_PREFIX + value


def _ids(value: str) -> str | None:
    ids = [_id(name) for name in value.split()[:20]]
    return " ".join(name for name in ids if name is not None) or None


def _link(value: str) -> str | None:
    if value.startswith("#"):
        anchor = _id(value[1:])
        return None if anchor is None else f"#{anchor}"
    return value if _HTTPS.fullmatch(value) else None


def _place(value: str) -> str | None:
    return value if 1 <= len(value) <= 128 and not _CONTROLS.search(value) else None


_TRUTH: Final = _one_of("true", "false")
_CHECKS: Final[dict[str, Check]] = {
    "abbr": _words,
    "accent": _TRUTH,
    "accentunder": _TRUTH,
    "align": _one_of("left", "center", "right"),
    "alt": _words,
    "alttext": _formula,
    "colspan": _span,
    "columnalign": _one_of("left", "center", "right"),
    "columnlines": _one_of("solid"),
    "columnspan": _span,
    "depth": _length,
    "dir": _one_of("ltr", "rtl", "auto"),
    "display": _one_of("block", "inline"),
    "displaystyle": _TRUTH,
    "fence": _TRUTH,
    "form": _one_of("prefix", "infix", "postfix"),
    "headers": _ids,
    "href": _link,
    "id": _id,
    "lang": _like(_LANGUAGE),
    "largeop": _TRUTH,
    "linethickness": _length,
    "lspace": _length,
    "mathvariant": _one_of("normal"),
    "maxsize": _length,
    "minsize": _length,
    "movablelimits": _TRUTH,
    "reversed": lambda value: "",
    "rowlines": _one_of("solid"),
    "rowspan": _span,
    "rspace": _length,
    "scope": _one_of("row", "col", "rowgroup", "colgroup"),
    "scriptlevel": _like(re.compile(r"[+-]?[0-5]")),
    "separator": _TRUTH,
    "span": _span,
    "src": _like(_MEDIA),
    "start": _like(_WHOLE),
    "stretchy": _TRUTH,
    "symmetric": _TRUTH,
    "title": _words,
    "type": lambda value: value if value in ("1", "a", "A", "i", "I") else None,
    "value": _like(_WHOLE),
    "voffset": _length,
}


REL: Final = "noopener noreferrer"
"""What each link says of itself: the page that it leads to learns nothing of this one."""


def may_have(element: str, attribute: str) -> bool:
    return attribute in ATTRIBUTES.get(element, ()) or (attribute in EVERYWHERE and element not in MATH)


def kept(element: str, attribute: str, value: str) -> str | None:
    """What is kept of an attribute; None: nothing."""
    if (element, attribute) == ("a", "rel"):
        return REL
    if not may_have(element, attribute):
        return None
    if attribute == "id" and element in PLACES:
        return _place(value)
    if attribute in ("width", "height") and element in MEDIA:
        return value if _PIXELS.fullmatch(value) else None
    return _length(value) if attribute in ("width", "height") else _CHECKS[attribute](value)
