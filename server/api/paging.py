"""Lists a page at a time: the same parameters for all of them. `limit` is how long a page is at most, `after` the
`next` of the page before. What it is sorted by and which fields are sent is the same for all too (`Lines`)."""

from collections.abc import Callable, Sequence
from typing import Annotated, Final, TypeVar

from msgspec import Meta

from protocol.codes import Code
from protocol.errors import Refused, refuse
from protocol.messages.base import NO_NUL, Int, SomeText
from protocol.names import searchable
from server.api.endpoint import Call
from server.api.lines import Lines
from server.api.query import Query
from server.cursors import MAX_CHARS
from storage.sorting import Place, Sorting

Found = TypeVar("Found")
PAGE: Final = 500
Cursor = Annotated[str, Meta(min_length=1, max_length=MAX_CHARS, pattern=NO_NUL)]
AFTER: Final = Query("after", Cursor, says="`next` of the page before.")


UPDATED_SINCE: Final = Query(
    "updated_since_ms", Int, says="Changed at this instant or later. Ask with a minute's overlap."
)


def search(where: str) -> Query:
    """The parameter with words that are looked for."""
    return Query("search", SomeText, says=f"Words that stand in {where}.")


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


def order_of(call: Call, lines: Lines, most: int = PAGE) -> tuple[Sorting, int]:
    """In which order the list is asked for, behind which line, and how long it is. Raises `Refused(wrong_cursor)`."""
    after, limit = page_of(call, most)
    sort: str = call.query.get("sort", lines.sorts[0])
    return Sorting(sort.removeprefix("-"), sort.startswith("-"), after), limit


def next_line(call: Call, lines: Lines, found: Sequence[object], order: Sorting, limit: int) -> str | None:
    """The cursor behind the last of these lines; None: the list ends with this page."""
    return None if len(found) < limit else cursor_at(call, *lines.place_of(found[-1], order.by))


def next_after(call: Call, to: Place | None) -> str | None:
    """The cursor behind the line up to which the list was read; None: it has been read to its end."""
    return None if to is None else cursor_at(call, *to)


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


def words_of(call: Call) -> list[str]:
    """The words of the parameter `search`."""
    return searchable(call.query.get("search", "")).split()


def words_in(call: Call, name: str) -> list[str] | None:
    """The words of a parameter of the type `some_of`; None: it is not given."""
    text: str | None = call.query.get(name)
    return None if text is None else text.split(",")
