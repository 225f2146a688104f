"""What becomes of each event for each subscription: claimed, tried, done, given up, replayed."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    bindparam,
    delete,
    exists,
    func,
    literal_column,
    select,
    tuple_,
    update,
)

from protocol.events.delivering import DEAD, DELIVERED, GIVE_UP_MS, WAITING, Next
from protocol.rules.audit import DeliveriesReplayed
from protocol.rules.retention import Retention
from storage import audit
from storage.audit import Note
from storage.database import Database
from storage.schema import deliveries, events
from storage.sorting import Sorting, ordered

LEASE_MS: Final = 120_000
"""How long a node has what it claims: longer than a batch takes that nobody answers."""
_PAGE: Final = 1_000
MOST_REPLAYED: Final = 10_000
"""Deliveries that one call replays: in one transaction."""

_d, _e = deliveries.c, events.c
NEWEST_FIRST: Final = Sorting("position", descending=True)
_waits: Final = _d.state == literal_column("'waiting'")
"""In so many words: else the indexes over what waits can't be used."""
_before: Final = deliveries.alias("earlier")
_FIRST_OF_ITS_LANE: Final = ~exists(
    select(1)
    .select_from(_before)
    .where(
        _before.c.subscription_id == _d.subscription_id,
        _before.c.lane == _d.lane,
        _before.c.state == literal_column("'waiting'"),
        _before.c.position < _d.position,
    )
)
_DUE: Final = (
    select(_d.org_id, _d.position, _d.tries, _d.give_up_ms, _e.event_id, _e.topic, _e.at_ms, _e.data)
    .join_from(deliveries, events, (_e.org_id == _d.org_id) & (_e.position == _d.position))
    .where(
        _d.org_id == bindparam("org"),
        _d.subscription_id == bindparam("subscription"),
        _waits,
        _d.due_ms <= bindparam("now"),
        _FIRST_OF_ITS_LANE,
    )
    .order_by(_d.due_ms, _d.position)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True, of=deliveries)
)
_CLAIM: Final = (
    update(deliveries)
    .where(
        _d.org_id == bindparam("org"),
        _d.subscription_id == bindparam("subscription"),
        _d.position.in_(bindparam("these", expanding=True)),
    )
    .values(due_ms=bindparam("until"))
)
_IS_DUE: Final = (
    select(_d.subscription_id)
    .where(_d.subscription_id == bindparam("subscription"), _waits, _d.due_ms <= bindparam("now"))
    .limit(1)
)
_SETTLE: Final = (
    update(deliveries)
    .where(
        _d.org_id == bindparam("the_org"),
        _d.subscription_id == bindparam("the_subscription"),
        _d.position == bindparam("the_position"),
        _waits,
        _d.due_ms == bindparam("claimed"),
    )
    .values(
        state=bindparam("state"),
        due_ms=bindparam("due_ms"),
        tries=bindparam("tries"),
        tried_ms=bindparam("tried_ms"),
        status=bindparam("status"),
        error=bindparam("error"),
    )
)
_DELIVERED_BEFORE: Final = (_d.state == literal_column("'delivered'"), _d.tried_ms < bindparam("before"))
_KEY: Final = (_d.org_id, _d.subscription_id, _d.position)


class Claimed(NamedTuple):
    """A delivery that this node tries now, until `until_ms`."""

    position: int
    tries: int
    give_up_ms: int
    event_id: str
    topic: str
    at_ms: int
    data: str
    until_ms: int


class Settled(NamedTuple):
    """What became of it."""

    claimed: Claimed
    next: Next
    status: int | None


class Delivery(NamedTuple):
    """A delivery as staff see it; `data` where it is asked for."""

    subscription_id: str
    position: int
    event_id: str
    topic: str
    at_ms: int
    state: str
    due_ms: int
    tries: int
    made_ms: int
    give_up_ms: int
    tried_ms: int | None
    status: int | None
    error: str | None
    data: str | None = None


class Standing(NamedTuple):
    """How much there is of it, over all organisations."""

    waiting: int
    dead: int
    oldest_made_ms: int | None


_SHOWN: Final = (
    _d.subscription_id,
    _d.position,
    _e.event_id,
    _e.topic,
    _e.at_ms,
    *(_d[name] for name in ("state", "due_ms", "tries", "made_ms", "give_up_ms", "tried_ms", "status", "error")),
)
_TOGETHER: Final = deliveries.join(events, (_e.org_id == _d.org_id) & (_e.position == _d.position))


class Deliveries:
    """Reads and writes them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def due(self, subscription_ids: Sequence[str], now_ms: int) -> list[str]:
        """Those of these subscriptions that have something to deliver, or whose lanes wait for something that is tried
        again later."""

        def work(connection: Connection) -> list[str]:
            asked = ((one, {"subscription": one, "now": now_ms}) for one in subscription_ids)
            return [one for one, values in asked if connection.execute(_IS_DUE, values).first() is not None]

        return await self._database.read(work)

    async def claim(self, org_id: str, subscription_id: str, now_ms: int, limit: int) -> list[Claimed]:
        """The next deliveries of a subscription, for this node alone until the lease ends: of each lane the first that
        waits."""
        until_ms = now_ms + LEASE_MS
        of = {"org": org_id, "subscription": subscription_id}

        def work(connection: Connection) -> list[Claimed]:
            rows = connection.execute(_DUE, of | {"now": now_ms, "most": limit}).all()
            if rows:
                connection.execute(_CLAIM, of | {"these": [row.position for row in rows], "until": until_ms})
            return [Claimed(*row[1:], until_ms) for row in rows]

        return await self._database.for_org(org_id).write(work)

    async def settle(self, org_id: str, subscription_id: str, settled: Sequence[Settled], now_ms: int) -> None:
        """Notes what became of them; whatever is gone by now, or was claimed anew, is left alone."""
        rows = [
            {
                "the_org": org_id,
                "the_subscription": subscription_id,
                "the_position": claimed.position,
                "claimed": claimed.until_ms,
                "state": next_.state,
                "due_ms": now_ms if next_.due_ms is None else next_.due_ms,
                "tries": claimed.tries + 1,
                "tried_ms": now_ms,
                "status": status,
                "error": next_.error,
            }
            for claimed, next_, status in settled
        ]
        if rows:
            await self._database.for_org(org_id).write(lambda connection: connection.execute(_SETTLE, rows).close())

    async def let_go(self, org_id: str, subscription_id: str, claimed: Sequence[Claimed], due_ms: int) -> None:
        """These were not tried: they are due then."""
        these = [one.position for one in claimed]
        of = {"org": org_id, "subscription": subscription_id, "these": these, "until": due_ms}
        if these:
            await self._database.for_org(org_id).write(lambda connection: connection.execute(_CLAIM, of).close())

    async def drop(self, org_id: str, subscription_id: str, claimed: Sequence[Claimed]) -> None:
        """Deletes these, whose topics nobody asks for any more."""
        these = [one.position for one in claimed]
        gone = delete(deliveries).where(
            _d.org_id == org_id, _d.subscription_id == subscription_id, _d.position.in_(these)
        )
        await self._database.for_org(org_id).write(lambda connection: connection.execute(gone).close())

    async def page(
        self,
        org_id: str,
        *,
        subscription_id: str | None = None,
        state: str | None = None,
        order: Sorting = NEWEST_FIRST,
        limit: int,
    ) -> list[Delivery]:
        """In the order of their events, and among those of one event of their subscriptions."""
        query = select(*_SHOWN).select_from(_TOGETHER).where(_d.org_id == org_id)
        if subscription_id is not None:
            query = query.where(_d.subscription_id == subscription_id)
        if state is not None:
            query = query.where(_d.state == literal_column(f"'{_known(state)}'"))
        query = ordered(query, [_d.position, _d.subscription_id], order).limit(limit)
        rows = await self._database.for_org(org_id).read(lambda connection: connection.execute(query).all())
        return [Delivery._make((*row, None)) for row in rows]

    async def get(self, org_id: str, subscription_id: str, event_id: str) -> Delivery | None:
        """One delivery, with what its event says."""
        query = (
            select(*_SHOWN, _e.data)
            .select_from(_TOGETHER)
            .where(_d.org_id == org_id, _d.subscription_id == subscription_id, _e.event_id == event_id)
        )
        row = await self._database.for_org(org_id).read(lambda connection: connection.execute(query).first())
        return None if row is None else Delivery._make(row)

    async def replay(self, org_id: str, subscription_id: str, event_ids: Sequence[str] | None, note: Note) -> int:
        """Tries again what was given up: these events, or the oldest `MOST_REPLAYED`. Returns how many there are. The
        note goes into the audit log with their number."""
        dead = (
            select(_d.position)
            .select_from(_TOGETHER)
            .where(_d.org_id == org_id, _d.subscription_id == subscription_id, _d.state == literal_column("'dead'"))
            .order_by(_d.position)
            .limit(MOST_REPLAYED)
        )
        if event_ids is not None:
            dead = dead.where(_e.event_id.in_(event_ids))
        replayed: list[int] = []

        def work(connection: Connection) -> None:
            positions = connection.execute(dead).scalars().all()
            values = {"state": WAITING, "due_ms": note.at_ms, "tries": 0, "give_up_ms": note.at_ms + GIVE_UP_MS}
            done = update(deliveries).where(
                _d.org_id == org_id,
                _d.subscription_id == subscription_id,
                _d.state == DEAD,
                _d.position.in_(bindparam("these", expanding=True)),
            )
            total = connection.execute(done.values(values), {"these": positions}).rowcount if positions else 0
            replayed.append(total)
            if total:
                audit.append(connection, org_id, note.by, DeliveriesReplayed(subscription_id, total), note.at_ms)

        await audit.write(self._database.for_org(org_id), work)
        return replayed[-1]

    async def standing(self) -> Standing:
        """How much waits, and how much was given up."""
        waiting = select(func.count(), func.min(_d.made_ms)).where(_waits)
        dead = select(func.count()).select_from(deliveries).where(_d.state == literal_column("'dead'"))

        def work(connection: Connection) -> Standing:
            total, oldest = connection.execute(waiting).one()
            return Standing(total, connection.execute(dead).scalar_one(), oldest)

        return await self._database.read(work)

    async def count_delivered(self, org_id: str, before_ms: int) -> int:
        """How many of an organisation were delivered before that instant."""
        query = select(func.count()).select_from(deliveries).where(_d.org_id == org_id, *_DELIVERED_BEFORE)
        return await self._database.for_org(org_id).read(
            lambda connection: connection.execute(query, {"before": before_ms}).scalar_one()
        )

    async def prune(self, rules: Mapping[str, Retention], others: Retention, now_ms: int) -> None:
        """Deletes what was delivered longer ago than the rule of its organisation says. `others` is in force where
        there is no such rule."""
        await self._forget(_d.org_id.not_in(rules), others.delivered_before_ms(now_ms))
        for org_id, rule in rules.items():
            await self._forget(_d.org_id == org_id, rule.delivered_before_ms(now_ms))

    async def _forget(self, of: ColumnElement[bool], before_ms: int) -> None:
        oldest = select(*_KEY).where(of, *_DELIVERED_BEFORE).order_by(_d.tried_ms).limit(_PAGE)
        gone = delete(deliveries).where(tuple_(*_KEY).in_(oldest))
        values = {"before": before_ms}
        while await self._database.write(lambda connection: connection.execute(gone, values).rowcount) == _PAGE:
            pass


def _known(state: str) -> str:
    assert state in (WAITING, DELIVERED, DEAD)
    return state
