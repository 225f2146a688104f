"""Refusals as SCIM names them (RFC 7644, 3.12)."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from protocol.codes import Code
from protocol.errors import Refusal, Refused

INVALID_FILTER: Final = "invalidFilter"
TOO_MANY: Final = "tooMany"
UNIQUENESS: Final = "uniqueness"
MUTABILITY: Final = "mutability"
INVALID_SYNTAX: Final = "invalidSyntax"
INVALID_PATH: Final = "invalidPath"
NO_TARGET: Final = "noTarget"
INVALID_VALUE: Final = "invalidValue"

_TYPES: Final[Mapping[Code, str]] = MappingProxyType(
    {
        Code.MALFORMED: INVALID_SYNTAX,
        Code.TRAILING_BYTES: INVALID_SYNTAX,
        Code.WRONG_TYPE: INVALID_SYNTAX,
        Code.TOO_DEEP: INVALID_SYNTAX,
        Code.MISSING_FIELD: INVALID_VALUE,
        Code.UNKNOWN_FIELD: INVALID_VALUE,
        Code.OUT_OF_RANGE: INVALID_VALUE,
        Code.INVALID_ID: INVALID_VALUE,
        Code.TAKEN: UNIQUENESS,
    }
)
_UNPROCESSABLE: Final = 422


class ScimFault(Refused):
    """A refusal that SCIM has a name for (`scim_type`)."""

    def __init__(self, scim_type: str, detail: str, code: Code = Code.OUT_OF_RANGE) -> None:
        super().__init__(Refusal(code, detail))
        self.scim_type = scim_type


def scim_type_of(error: Refused) -> str | None:
    """SCIM's name for a refusal; None: it has none, and the status alone says it."""
    return error.scim_type if isinstance(error, ScimFault) else _TYPES.get(error.refusal.code)


def scim_status_of(refusal: Refusal) -> int:
    """The status of a refusal: SCIM has no 422, and calls a value that can't be taken a bad request."""
    return 400 if refusal.http_status == _UNPROCESSABLE else refusal.http_status
