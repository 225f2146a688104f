"""Lists a page at a time: the same parameters for all of them. `limit` is how long a page is at most, `after` the
`next` of the page before. Where there is one, `sort` names the field that the list is sorted by, and `fields` those
that are sent."""

from collections.abc import Callable, Sequence
from typing import Annotated, Final, TypeVar

import msgspec
from msgspec import Meta

from protocol.codes import Code
from protocol.errors import Refused, refuse
from protocol.messages.base import NO_NUL
from server.api.endpoint import Call
from server.api.query import Query, some_of
from server.cursors import MAX_CHARS, Place

Found = TypeVar("Found")
Line = TypeVar("Line", bound=msgspec.Struct)
PAGE: Final = 500
Cursor = Annotated[str, Meta(min_length=1, max_length=MAX_CHARS, pattern=NO_NUL)]
AFTER: Final = Query("after", Cursor, says="`next` of the page before.")


def paging(most: int = PAGE) -> tuple[Query, Query]:
    """The parameters of a list whose pages have at most so many lines."""
    return AFTER, Query("limit", Annotated[int, Meta(ge=1, le=most)], says="The most lines of a page.")


PAGING: Final = paging()


def page_of(call: Call, most: int = PAGE) -> tuple[Place | None, int]:
    """Behind which line the list goes on, and how long it is. Raises `Refused(wrong_cursor)`."""
    text: str | None = call.query.get("after")
    limit: int = call.query.get("limit", most)
    if text is None:
        return None, limit
    place = call.node.cursors.read(_list_of(call), text)
    if place is None:
        raise Refused(refuse(Code.WRONG_CURSOR))
    return place, limit


def cursor_at(call: Call, *place: str | int) -> str:
    """The cursor of this list behind that place."""
    return call.node.cursors.write(_list_of(call), place)


def next_of(call: Call, found: Sequence[Found], limit: int, *by: Callable[[Found], str | int]) -> str | None:
    """The cursor behind the last line, by what the list is sorted by; None: the list ends with this page."""
    if len(found) < limit:
        return None
    return cursor_at(call, *(value(found[-1]) for value in by))


def _list_of(call: Call) -> list[str]:
    given = sorted((name, str(value)) for name, value in call.query.items() if name not in ("after", "limit", "fields"))
    named = [text for pair in (*sorted(call.path.items()), *given) for text in pair]
    return [call.principal.org_id, call.endpoint, *named]


def words_in(call: Call, name: str) -> list[str] | None:
    """The words of a parameter of the type `some_of`; None: it is not given."""
    text: str | None = call.query.get(name)
    return None if text is None else text.split(",")


def fields_query(line: type[msgspec.Struct]) -> Query:
    """The parameter that names the fields of a line."""
    return Query("fields", some_of(line.__struct_fields__), says="The fields that are sent; the id always is.")


def fields_of(call: Call) -> frozenset[str] | None:
    """The fields that are asked for; None: all."""
    words = words_in(call, "fields")
    return None if words is None else frozenset(words)


def sparse(line: Line, fields: frozenset[str] | None, always: str) -> Line:
    """The line with the fields that are asked for, and with `always`."""
    if fields is None:
        return line
    kept = {name: getattr(line, name) for name in line.__struct_fields__ if name in fields or name == always}
    return type(line)(**kept)
