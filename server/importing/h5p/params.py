"""The parameters of H5P content: JSON that others wrote, of which anything may be missing or of another kind."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from protocol import limits
from server.importing.faults import ImportFault

_MAX_MIB: Final = limits.MAX_TEST_BYTES // 1024**2


def read_params(data: bytes, name: str) -> "Params":
    """The object in a JSON file. Raises `ImportFault` where it is none."""
    if len(data) > limits.MAX_TEST_BYTES:
        raise ImportFault(f"{name} is larger than {_MAX_MIB} MiB.")
    try:
        found = msgspec.json.decode(data)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        raise ImportFault(f"{name} is not in JSON.") from None
    return Params(found)


class Params:
    """An object, whose fields are read as the kind that they should be; a field of another kind is as if it were not
    there."""

    def __init__(self, fields: object) -> None:
        self._fields: Mapping[str, Any] = fields if isinstance(fields, dict) else {}

    def __bool__(self) -> bool:
        return bool(self._fields)

    def text(self, name: str) -> str:
        """A text; "" where there is none."""
        found = self._fields.get(name)
        return found if isinstance(found, str) else ""

    def flag(self, name: str, usual: bool) -> bool:
        """True or false."""
        found = self._fields.get(name)
        return found if isinstance(found, bool) else usual

    def count(self, name: str) -> int | None:
        """A whole number from 0 on that is written as a number or as a text."""
        found = self._fields.get(name)
        if isinstance(found, str) and found.isascii() and found.isdigit() and len(found) < 9:
            return int(found)
        is_count = isinstance(found, int | float) and not isinstance(found, bool) and 0 <= found < 10**9
        return int(found) if is_count else None  # type: ignore[arg-type]

    def inside(self, name: str) -> "Params":
        """An object; an empty one where there is none."""
        return Params(self._fields.get(name))

    def items(self, name: str) -> Sequence["Params"]:
        """The objects of a list."""
        found = self._fields.get(name)
        return [Params(one) for one in found] if isinstance(found, list) else []

    def texts(self, name: str) -> list[str]:
        """The texts of a list."""
        found = self._fields.get(name)
        return [one for one in found if isinstance(one, str)] if isinstance(found, list) else []
