"""Reads the fields of a part of an exam file, and makes of them what the test is made of."""

import re
from typing import Any, Final

import msgspec

from protocol.mistakes import mistake
from protocol.shapes import misshapen, split_path
from server.exam.fields import EVERY_INTERACTION, INTERACTIONS, PASSAGE, QUESTION, RULES, SECTION, SEVERAL, TEST, Fields


def read_fields(where: str, given: object, known: Fields) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise mistake(where, "it must have fields, like `title: My exam`")
    read: dict[str, Any] = {}
    for key, node in given.items():
        if key not in known:
            raise mistake(where, f"there is no field `{key}`; the fields are {', '.join(known)}")
        name, reader = known[key]
        if isinstance(node, str) and not node.strip():
            raise mistake(where, f"`{key}` is blank; fill it in, or leave the line out")
        try:
            read[name] = reader(node)
        except ValueError as error:
            raise mistake(where, f"`{key}` {error}") from None
    return read


_MISSING: Final = re.compile(r"lacks `([^`]+)`")
_WRITTEN: Final = {
    name: key
    for known in (TEST, RULES, SECTION, PASSAGE, QUESTION, SEVERAL, EVERY_INTERACTION, *INTERACTIONS.values())
    for key, (name, _) in known.items()
}


def convert(where: str, given: object, kind: Any) -> Any:
    """Converts `given` to a `kind` with the limits of the REST API. The error names fields as the author wrote them."""
    try:
        # What a reader has made already is checked here too: to make a struct by its name checks no bound.
        return msgspec.convert(msgspec.to_builtins(given), kind)
    except msgspec.ValidationError as error:
        path, what = misshapen(str(error))
    if missing := _MISSING.fullmatch(what):
        raise mistake(where, f"`{_WRITTEN.get(missing[1], missing[1])}` is missing")
    name, rest = split_path(path)
    shown = f"`{_WRITTEN.get(name, name)}{rest}` " if name else ""
    raise mistake(where, f"{shown}{what}")
