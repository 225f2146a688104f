"""Outages of the server, and who lost how much time by them: proposed to staff, who decide what is given."""

import asyncio
from typing import Final

from protocol.attempt.chain import BrokenChain, ErasedLog, NewerLog
from protocol.codes import Code
from protocol.messages.base import Int
from protocol.messages.monitor import Row
from protocol.rest.incidents import Incident, IncidentPage, LostTime
from protocol.rules.incidents import Gap, Life, loss_of, outages
from protocol.rules.rights import Act
from server.api.endpoint import Call, Endpoint
from server.api.lines import Lines
from server.api.lookup import find_test
from server.api.narrowing import OF_TEST, STATUS, asked_rows
from server.api.paging import next_of, page_of, paging
from server.api.query import Query
from storage.archives.faults import ArchivedLog

_PAGE: Final = 100
"""Attempts whose logs one call reads."""
_LOST: Final = Lines("lost", LostTime, ("attempt_id",), ("attempt_id",))
_SINCE: Final = Query("since_ms", Int, says="Outages that were over at this instant or later.")


async def show(call: Call) -> IncidentPage:
    node = call.node
    test_id = (await find_test(call, call.path["test_id"])).test_id
    page_of(call, _PAGE)
    since_ms: int = call.query.get("since_ms", 0)
    now_ms = node.clock.now_ms()
    lives = await node.nodes.lives()
    gaps = [gap for gap in outages(lives, now_ms) if gap.until_ms >= since_ms]
    deaths = [life for life in lives if life.died and (life.until_ms is None or life.until_ms >= since_ms)]
    incidents = [Incident(from_ms=gap.from_ms, until_ms=gap.until_ms, server_died=False) for gap in gaps]
    incidents += [
        Incident(from_ms=life.until_ms, until_ms=life.until_ms, server_died=True)
        for life in deaths
        if life.until_ms is not None and not any(gap.from_ms == life.until_ms for gap in gaps)
    ]
    if not incidents:
        return IncidentPage(test_id=test_id, now_ms=now_ms, incidents=[], lost=[], next=None)
    rows, limit = await asked_rows(call, test_id, _LOST, _PAGE)
    first_ms = min(one.from_ms for one in incidents)
    lost: list[LostTime] = []
    for row in rows:
        # Whoever had not begun, or had ended before, has lost nothing.
        if row.started_at_ms is not None and (row.ended_at_ms is None or row.ended_at_ms > first_ms):
            found = await _lost(call, row, gaps, deaths, now_ms)
            if found is not None:
                lost.append(found)
        # Those who sit are served in between.
        await asyncio.sleep(0)
    return IncidentPage(
        test_id=test_id,
        now_ms=now_ms,
        incidents=sorted(incidents, key=lambda one: one.from_ms),
        lost=lost,
        next=next_of(call, rows, limit, lambda one: one.attempt_id),
    )


async def _lost(call: Call, row: Row, gaps: list[Gap], deaths: list[Life], now_ms: int) -> LostTime | None:
    try:
        records = await call.node.attempts.records(row.attempt_id)
    except (ArchivedLog, BrokenChain, ErasedLog, NewerLog):
        # Nothing can be said of it; `verify-log` says what is wrong with a log.
        return None
    loss = loss_of(records, gaps, deaths, now_ms)
    if loss is None:
        return None
    return LostTime(
        attempt_id=row.attempt_id,
        user_id=row.user_id,
        name=row.name,
        status=row.status,
        lost_ms=loss.lost_ms,
        from_ms=loss.from_ms,
        until_ms=loss.until_ms,
        connected=loss.connected,
        given_ms=loss.given_ms,
    )


ENDPOINTS = [
    Endpoint(
        method="GET",
        path="/tests/{test_id}/incidents",
        summary="Outages of the server in the last day, and who lost how much time by them, a page at a time.",
        handle=show,
        reply=IncidentPage,
        act=Act.EXTEND,
        query=(*OF_TEST, STATUS, _SINCE, *_LOST.query, *paging(_PAGE)),
        lines=_LOST,
        refusals=(Code.NOT_FOUND, Code.WRONG_CURSOR),
    ),
]
