"""In which order a list is read, and from where on."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, Generic, NamedTuple, TypeVar

from sqlalchemy import ColumnElement, and_, or_

from protocol.names import searchable

Place = tuple[str | int, ...]
"""A line of a list, by the values that the list is sorted by; the last of them tell lines apart."""
Found = TypeVar("Found")
_LOOKED_AT: Final = 250
"""Lines that are read together where words are looked for: to look through them takes the event loop a millisecond or
two."""
MAX_LOOKED_AT: Final = 5_000
"""Lines that one call looks through."""


class Sorting(NamedTuple):
    """By what a list is sorted. `after` is the line behind which it begins; None: with the first."""

    by: str = ""
    descending: bool = False
    after: Place | None = None


class Part(NamedTuple, Generic[Found]):
    """A part of a list. `to` is the line up to which it was read; None: up to the end of the list."""

    found: Sequence[Found]
    to: Place | None


def ordered(query: Any, keys: Sequence[ColumnElement[Any]], order: Sorting) -> Any:
    """The query sorted by these columns, from behind `order.after` on."""
    if order.after is not None:
        query = query.where(_behind(keys, order.after, descending=order.descending))
    return query.order_by(*(key.desc() if order.descending else key for key in keys))


def _behind(keys: Sequence[ColumnElement[Any]], after: Place, *, descending: bool) -> ColumnElement[bool]:
    key, value = keys[0], after[0]
    beyond = key < value if descending else key > value
    if len(keys) == 1:
        return beyond
    rest = _behind(keys[1:], after[1:], descending=descending)
    # The first condition follows from the second: with it a database looks the place up in an index.
    return and_(key <= value if descending else key >= value, or_(beyond, and_(key == value, rest)))


def page_in_memory(
    found: Sequence[Found], place_of: Callable[[Found], Place], order: Sorting, limit: int | None
) -> list[Found]:
    """A page of a list that is short enough to be sorted here; without a limit all of it."""
    lines = sorted(found, key=place_of, reverse=order.descending)
    after = order.after
    if after is not None:
        lines = [one for one in lines if (place_of(one) < after if order.descending else place_of(one) > after)]
    return lines[:limit]


async def found_by(
    words: Sequence[str],
    page: Callable[[Place | None, int], Awaitable[Sequence[Found]]],
    text_of: Callable[[Found], str],
    place_of: Callable[[Found], Place],
    after: Place | None,
    limit: int,
) -> Part[Found]:
    """A page of a list, of those lines that have each of the words in their text, as `searchable` writes both: no
    database folds letters as it does. Without words all lines are found. It has less than `limit` lines, or none, where
    as many were looked through as one call may: the next call goes on."""
    if not words:
        lines = await page(after, limit)
        return Part(lines, place_of(lines[-1]) if len(lines) == limit else None)
    found: list[Found] = []
    for _ in range(MAX_LOOKED_AT // _LOOKED_AT):
        lines = await page(after, _LOOKED_AT)
        found += (one for one in lines if all(word in searchable(text_of(one)) for word in words))
        if len(found) >= limit:
            return Part(found[:limit], place_of(found[limit - 1]))
        if len(lines) < _LOOKED_AT:
            return Part(found, None)
        after = place_of(lines[-1])
    return Part(found, after)
