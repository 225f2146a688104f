"""What staff find on their home page: which tests are sat now or today, and how the server is."""

from functools import partial
from importlib.metadata import version
from typing import Final

from protocol.codes import Code
from protocol.errors import Refused, refuse
from protocol.messages.base import Instant
from protocol.rest.rooms import RoomList, RoomSummary, ServerState
from protocol.rules.rights import Act
from protocol.rules.rooms import runs_within
from protocol.since import SPEAKS
from server.api.endpoint import Call, Endpoint
from server.api.lines import Lines
from server.api.paging import next_line, order_of, paging, search, words_of
from server.api.query import Query
from server.catalogue import Entry
from storage.expected import Part, expected
from storage.rooms import count_attempts, sat_now
from storage.sorting import Sorting, page_in_memory

_MOST: Final = 50
"""Rooms of a page: each is counted for itself."""
_ROOMS: Final = Lines("rooms", RoomSummary, ("test_id",), ("test_id", "title", "opens_at_ms", "closes_at_ms"))
_VERSION: Final = version("pencilsdown")


async def list_rooms(call: Call) -> RoomList:
    now_ms = call.node.clock.now_ms()
    if ("from_ms" in call.query) != ("until_ms" in call.query):
        raise Refused(refuse(Code.MISSING_FIELD, "`from_ms` and `until_ms` are given together, or neither is."))
    from_ms, until_ms = call.query.get("from_ms", now_ms), call.query.get("until_ms", now_ms)
    if until_ms < from_ms:
        raise Refused(refuse(Code.OUT_OF_RANGE, "`until_ms` must not be before `from_ms`."))
    order, limit = order_of(call, _ROOMS, _MOST)
    words = words_of(call)
    principal = call.principal
    reached = await call.node.catalogue.reached_by(principal)
    sat = await sat_now(call.node.database, principal.org_id, principal.scope)
    sat_then = [
        one
        for one in reached
        if one.is_found_by(words)
        and (one.test_id in sat or runs_within(one.opens_at_ms, one.closes_at_ms, from_ms, until_ms))
    ]
    found = page_in_memory(sat_then, partial(_ROOMS.place_of, by=order.by), order, limit)
    counts = await count_attempts(call.node.database, principal.org_id, [one.test_id for one in found], principal.scope)
    return RoomList(
        rooms=[await _room(call, one, counts[one.test_id], now_ms) for one in found],
        at_ms=now_ms,
        next=next_line(call, _ROOMS, found, order, limit),
    )


async def _room(call: Call, test: Entry, by_status: dict[str, int], now_ms: int) -> RoomSummary:
    principal = call.principal
    part = Part(principal.scope)
    missing, _ = await expected(
        call.node.database, principal.org_id, test.test_id, test.course_id, part, Sorting("user_id"), 0
    )
    over = test.closes_at_ms is not None and test.closes_at_ms <= now_ms
    count = by_status.get
    return RoomSummary(
        test_id=test.test_id,
        title=test.title,
        opens_at_ms=test.opens_at_ms,
        closes_at_ms=test.closes_at_ms,
        expected=0 if over else missing,
        waiting=count("initiated", 0),
        in_progress=count("in_progress", 0),
        paused=count("paused", 0),
        ended=sum(count(status, 0) for status in ("submitted", "expired", "completed")),
        absent=count("absent", 0) + (missing if over else 0),
        cancelled=count("cancelled", 0) + count("abandoned", 0),
    )


async def show_server(call: Call) -> ServerState:
    node = call.node
    return ServerState(
        version=_VERSION,
        missing=node.missing,
        upgrade=node.fleet.version < max(SPEAKS, node.fleet.newest),
        relay=node.relay.healthy,
        clock_off_ms=round(node.clock.off_ms),
        at_ms=node.clock.now_ms(),
    )


ENDPOINTS = [
    Endpoint(
        method="GET",
        path="/rooms",
        summary="The tests that are sat between two instants, or now, with how many people are where.",
        handle=list_rooms,
        reply=RoomList,
        act=Act.WATCH,
        query=(
            Query("from_ms", Instant, says="Since when; now, where it is not given."),
            Query("until_ms", Instant, says="Until when; now, where it is not given."),
            search("the title or the id"),
            *_ROOMS.query,
            *paging(_MOST),
        ),
        lines=_ROOMS,
        refusals=(Code.WRONG_CURSOR, Code.MISSING_FIELD, Code.OUT_OF_RANGE),
    ),
    Endpoint(
        method="GET",
        path="/server",
        summary="How the server is that answers.",
        handle=show_server,
        reply=ServerState,
        act=Act.WATCH,
    ),
]
