"""The column types that the two databases keep differently."""

import re
from functools import cache
from typing import Any, Final, cast
from uuid import UUID

from sqlalchemy import Dialect, LargeBinary, TypeDecorator
from sqlalchemy.types import TypeEngine, UserDefinedType

_CANONICAL: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def is_attempt_id(text: str) -> bool:
    """Whether `text` is a UUID in canonical form. Every attempt's id is one."""
    return _CANONICAL.fullmatch(text) is not None


def pack_id(attempt_id: str) -> bytes:
    """The 16 bytes of an attempt's id, as SQLite keeps it. They sort as the text does."""
    return bytes.fromhex(attempt_id.replace("-", ""))


def unpack_id(packed: bytes) -> str:
    """The canonical text of 16 bytes."""
    return str(UUID(bytes=packed))


# Both are made once: SQLAlchemy works out a type's processors anew for every new type object, at each statement.
_SQLITE_ID: Final = LargeBinary(16)


@cache
def _postgresql_id() -> TypeEngine[str]:
    # An embedded server needs nothing of this dialect, which brings all its drivers along.
    from sqlalchemy.dialects.postgresql import UUID as NATIVE

    return NATIVE(as_uuid=False)


class AttemptId(TypeDecorator[str]):
    """A UUID, given and taken as its canonical text: native on PostgreSQL, 16 bytes on SQLite."""

    impl = LargeBinary
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(_postgresql_id())
        return dialect.type_descriptor(_SQLITE_ID)

    def process_bind_param(self, value: str | None, dialect: Dialect) -> Any:
        return pack_id(value) if value is not None and dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> str | None:
        return unpack_id(value) if value is not None and dialect.name == "sqlite" else cast("str | None", value)


class JsonText(UserDefinedType[str]):
    """JSON that is kept and given back as the text it was written as.

    PostgreSQL's `json`, not `jsonb`: that one refuses a NUL inside a string, and a candidate can type one.
    """

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "JSON"
