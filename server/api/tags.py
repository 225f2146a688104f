"""Entity tags (RFC 9110 8.8.3 and 13.1): whoever replaces something says which state of it she has seen."""

import re
from collections.abc import Sequence
from hashlib import blake2b
from typing import Any, Final

import msgspec
from starlette.datastructures import Headers

from protocol.codes import Code
from protocol.errors import Refused, refuse

IF_MATCH: Final = "If-Match"
IF_NONE_MATCH: Final = "If-None-Match"
_MOST: Final = 16
"""Tags in one header."""
_TAG: Final = r'(?:W/)?"[\x21\x23-\x7e]*"'
_EACH: Final = re.compile(_TAG)
_LIST: Final = re.compile(rf"{_TAG}(?:[ \t]*,[ \t]*{_TAG}){{0,{_MOST - 1}}}")
_ANY: Final = "*"
_NO_TAG: Final = f"What this changes has no `ETag`: `{IF_MATCH}` and `{IF_NONE_MATCH}` can't be heeded. Leave them out."


class Tagged(msgspec.Struct, frozen=True):
    """A reply, and the tag of the state that it shows. `location`: the address of what was made."""

    reply: Any
    tag: str
    location: str = ""


class Expected(msgspec.Struct, frozen=True):
    """What a call demands of what it replaces. `seen`: one of these states, or (`*`) any; nil: whatever it is.
    `absent`: there is nothing yet."""

    seen: tuple[str, ...] | None = None
    absent: bool = False

    def check(self, tag: str | None) -> None:
        """`tag`: of what is there; None: nothing is. Raises `Refused(changed_meanwhile)`."""
        wrong = self.absent and tag is not None
        if self.seen is not None:
            wrong = wrong or tag is None or not (_ANY in self.seen or tag in self.seen)
        if wrong:
            raise Refused(refuse(Code.CHANGED_MEANWHILE))


ANYTHING: Final = Expected()


def tag_of(value: object) -> str:
    """The tag of a state: equal states have equal tags, on every node."""
    return f'"{blake2b(msgspec.json.encode(value), digest_size=16).hexdigest()}"'


def expected(headers: Headers, *, tagged: bool) -> Expected:
    """What a change demands. Raises `Refused(malformed)`, also where nothing has a tag: what was meant to hold somebody
    back must be read."""
    if not tagged:
        if IF_MATCH in headers or IF_NONE_MATCH in headers:
            raise Refused(refuse(Code.MALFORMED, _NO_TAG))
        return ANYTHING
    seen, none = _read(headers, IF_MATCH), _read(headers, IF_NONE_MATCH)
    if none is not None and none != (_ANY,):
        raise Refused(refuse(Code.MALFORMED, f"`{IF_NONE_MATCH}` of a change can only be `*`: nothing is there yet."))
    return Expected(seen, none is not None) if seen is not None or none is not None else ANYTHING


def is_known(headers: Headers, tag: str) -> bool:
    """Whether the caller has this state already. What can't be read says nothing."""
    try:
        known = _read(headers, IF_NONE_MATCH)
    except Refused:
        return False
    return known is not None and (_ANY in known or tag in (one.removeprefix("W/") for one in known))


def _read(headers: Headers, name: str) -> tuple[str, ...] | None:
    given: Sequence[str] = headers.getlist(name)
    if not given:
        return None
    text = ", ".join(given).strip()
    if text == _ANY:
        return (_ANY,)
    if not _LIST.fullmatch(text):
        raise Refused(refuse(Code.MALFORMED, f"`{name}` must be tags in quotes, as `ETag` gave them, or `*`."))
    return tuple(_EACH.findall(text))
