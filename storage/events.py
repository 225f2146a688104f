"""Events as they are read and delivered: taken over from the outbox and the audit log, numbered for each organisation.

One node at a time takes them over. So the numbers are given in the order in which they can be read, and whoever has
read up to a number misses nothing.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import Connection, Row, bindparam, func, insert, select, text, update

from protocol.attempt.model import Actor, Role
from protocol.events import presence
from protocol.events.delivering import GIVE_UP_MS, WAITING
from protocol.events.envelope import of_audit
from protocol.events.happened import Happened
from protocol.events.mail import PRIVATE
from protocol.events.topics import takes
from protocol.rules.audit import read_body
from storage import progress_told
from storage.database import Database
from storage.schema import audit_log, deliveries, event_positions, events, outbox, subscriptions
from storage.statements import DELIVERED, erased_among, key_of

KEPT_MS: Final = 30 * 24 * 3600 * 1000
"""How far back the events of an organisation can be read: longer than a receiver is away who wants to come back."""
TAKEN: Final = 100
"""Attempts whose events are taken over in one transaction, so that nobody waits for it."""
_ENTRIES: Final = 200
"""Entries of one audit log in one transaction."""
_OVERLAP_MS: Final = 60_000
"""An entry of an audit log is found although its transaction took so long."""
_PAGE: Final = 1_000
POSITIONS_LOCK: Final = 7_093_002
"""What PostgreSQL's advisory lock is called that whoever numbers events holds."""
_TRY: Final = text("SELECT pg_try_advisory_xact_lock(:what)")
_HOLD: Final = text("SELECT pg_advisory_xact_lock(:what)")
_OLDEST: Final = select(outbox.c.attempt_id).order_by(outbox.c.at_ms, outbox.c.attempt_id).limit(bindparam("most"))
_ANY: Final = select(outbox.c.attempt_id).limit(1)
_WAITING: Final = select(outbox).where(outbox.c.attempt_id.in_(_OLDEST)).with_for_update()
"""All of these attempts, and not the oldest alone: the end of one may be dated before what was written before it."""
_HEADS: Final = (
    select(audit_log.c.org_id, func.max(audit_log.c.seq).label("seq"))
    .where(audit_log.c.at_ms >= bindparam("since"))
    .group_by(audit_log.c.org_id)
)
_ENTRY_COLUMNS: Final = ("seq", "at_ms", "role", "body")
_PRUNE: Final = text(
    "DELETE FROM events WHERE (org_id, position) IN"
    " (SELECT org_id, position FROM events WHERE at_ms < :before ORDER BY at_ms LIMIT :most)"
    " RETURNING org_id, position"
)


class _About(msgspec.Struct, frozen=True):
    """Of the payload of an attempt's event no more than is needed."""

    org_id: str
    user_id: str


_about: Final = msgspec.json.Decoder(_About).decode
_topics: Final = msgspec.json.Decoder(list[str]).decode


class Stored(NamedTuple):
    """An event with its number."""

    position: int
    event_id: str
    topic: str
    at_ms: int
    data: str


class Taken(NamedTuple):
    """How many events one step has taken over; `more`: there may be more at once."""

    events: int
    more: bool


NOTHING: Final = Taken(0, more=False)


class Events:
    """Takes events over, and reads them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def take_over(self, now_ms: int) -> Taken:
        """One step; on PostgreSQL it does nothing while another node does it."""

        def work(connection: Connection) -> Taken:
            if (
                connection.dialect.name == "postgresql"
                and not connection.execute(_TRY, {"what": POSITIONS_LOCK}).scalar()
            ):
                return NOTHING
            rows = connection.execute(_WAITING, {"most": TAKEN}).all()
            happened = {org_id: _new(connection, org_id, ones) for org_id, ones in _in_order(rows).items()}
            dialect = connection.dialect.name
            DELIVERED.run(connection, [(key_of(dialect, row.attempt_id), row.seq) for row in rows])
            audits, more = _from_audit_logs(connection, now_ms)
            for org_id, seq, ones in audits:
                happened.setdefault(org_id, []).extend(ones)
                position_of(connection, org_id)
                connection.execute(
                    update(event_positions).where(event_positions.c.org_id == org_id).values(audit_seq=seq)
                )
            _store(connection, happened, now_ms)
            total = sum(map(len, happened.values()))
            return Taken(total, more or len({row.attempt_id for row in rows}) == TAKEN)

        if not await self._database.read(lambda connection: _has_work(connection, now_ms)):
            return NOTHING
        return await self._database.write(work)

    async def tell(self, org_id: str, told: Sequence[Happened], now_ms: int) -> None:
        """Numbers and stores events that no record and no entry tells, with their deliveries; those whose ids are known
        are left out, and so is what is about somebody who was erased."""

        def work(connection: Connection) -> None:
            new = unknown(connection, org_id, still_hers(connection, told))
            _store(connection, {org_id: new}, now_ms)

        await self._database.for_org(org_id).write(work)

    async def page(
        self, org_id: str, after: int, limit: int, patterns: Sequence[str] | None
    ) -> tuple[list[Stored], int, int, bool]:
        """Events behind a number, in their order, those of some topics alone where `patterns` are given; the number up
        to which this page has looked; the last number that is not kept any more; and whether there are more."""
        table = events.c

        def work(connection: Connection) -> tuple[list[Stored], int, int, bool]:
            pruned = connection.execute(
                select(event_positions.c.pruned).where(event_positions.c.org_id == org_id)
            ).scalar()
            query = (
                select(table.position, table.event_id, table.topic, table.at_ms, table.data)
                .where(table.org_id == org_id, table.position > after, table.topic.not_like(f"{PRIVATE}%"))
                .order_by(table.position)
                .limit(limit + 1)
            )
            rows = connection.execute(query).all()
            found = [Stored(*row) for row in rows[:limit]]
            upto = found[-1].position if found else after
            wanted = found if patterns is None else [one for one in found if takes(patterns, one.topic)]
            return wanted, upto, pruned or 0, len(rows) > limit

        return await self._database.for_org(org_id).read(work)

    async def prune(self, now_ms: int) -> None:
        """Deletes what is older than `KEPT_MS`, with its deliveries."""
        values = {"before": now_ms - KEPT_MS, "most": _PAGE}

        def work(connection: Connection) -> int:
            gone = connection.execute(_PRUNE, values).all()
            last: dict[str, int] = {}
            for row in gone:
                last[row.org_id] = max(row.position, last.get(row.org_id, 0))
            for org_id, position in sorted(last.items()):
                table, of = event_positions.c, deliveries.c
                of_org = (table.org_id == org_id, table.pruned < position)
                connection.execute(update(event_positions).where(*of_org).values(pruned=position))
                positions = [row.position for row in gone if row.org_id == org_id]
                connection.execute(deliveries.delete().where(of.org_id == org_id, of.position.in_(positions)))
            return len(gone)

        while await self._database.write(work) == _PAGE:
            pass


def _has_work(connection: Connection, now_ms: int) -> bool:
    return connection.execute(_ANY).first() is not None or bool(_behind(connection, now_ms))


def _in_order(rows: Iterable[Row[Any]]) -> dict[str, list[Happened]]:
    """By organisation, each attempt's in the order of its log, and otherwise by when it happened."""
    latest: dict[str, int] = {}
    ordered: list[tuple[int, str, int, int, str, Happened]] = []
    for row in sorted(rows, key=lambda row: (row.attempt_id, abs(row.seq), row.seq < 0)):
        at_ms = latest[row.attempt_id] = max(row.at_ms, latest.get(row.attempt_id, 0))
        for number, (org_id, event) in enumerate(_events_of(row)):
            ordered.append((at_ms, row.attempt_id, abs(row.seq), number, org_id, event))
    happened: dict[str, list[Happened]] = {}
    for *_, org_id, event in sorted(ordered, key=lambda one: one[:4]):
        happened.setdefault(org_id, []).append(event)
    return happened


def _events_of(row: Row[Any]) -> Iterator[tuple[str, Happened]]:
    """The organisation and the event, or events, of a row of the outbox."""
    attempt_id = row.attempt_id
    if row.topic != progress_told.SNAPSHOT:
        about = _about(row.payload)
        if row.topic == presence.RETURNED:
            yield about.org_id, presence.away_before(row.payload)
        yield (
            about.org_id,
            Happened(f"{attempt_id}:{row.seq}", row.topic, row.at_ms, attempt_id, about.user_id, row.payload),
        )
        return
    of = progress_told.decode(row.payload)
    for topic, data in of.told.items():
        event_id = f"{attempt_id}:{-row.seq}:{topic}"
        yield of.org_id, Happened(event_id, topic, row.at_ms, attempt_id, of.user_id, bytes(data).decode())


def _behind(connection: Connection, now_ms: int) -> dict[str, int]:
    """Organisation → the entry of its audit log after which the next events are made, where there are some."""
    newest = connection.execute(_HEADS, {"since": now_ms - _OVERLAP_MS}).all()
    if not newest:
        return {}
    table = event_positions.c
    query = select(table.org_id, table.audit_seq).where(table.org_id.in_([row.org_id for row in newest]))
    known = {row.org_id: row.audit_seq for row in connection.execute(query)}
    return {row.org_id: known.get(row.org_id, 0) for row in newest if row.seq > known.get(row.org_id, 0)}


def _from_audit_logs(connection: Connection, now_ms: int) -> tuple[list[tuple[str, int, list[Happened]]], bool]:
    """(organisation, number of the last entry, events) of the next entries. One that was emptied, or that is of a newer
    version, tells nothing."""
    found: list[tuple[str, int, list[Happened]]] = []
    more = False
    for org_id, after in sorted(_behind(connection, now_ms).items()):
        table = audit_log.c
        query = (
            select(*(table[name] for name in _ENTRY_COLUMNS))
            .where(table.org_id == org_id, table.seq > after)
            .order_by(table.seq)
            .limit(_ENTRIES)
        )
        rows = connection.execute(query).all()
        ones = []
        for row in rows:
            said = None if row.body is None else read_body(row.body)
            if said is not None:
                ones.append(of_audit(org_id, row.seq, row.at_ms, Actor(Role(row.role), said.by), said.entry))
        if rows:
            found.append((org_id, rows[-1].seq, ones))
        more = more or len(rows) == _ENTRIES
    return found, more


def _new(connection: Connection, org_id: str, ones: list[Happened]) -> list[Happened]:
    """Without the absences that were told while they lasted."""
    absences = [one for one in ones if one.topic == presence.AWAY]
    if not absences:
        return ones
    new = {one.event_id for one in unknown(connection, org_id, absences)}
    return [one for one in ones if one.topic != presence.AWAY or one.event_id in new]


def unknown(connection: Connection, org_id: str, told: Sequence[Happened]) -> list[Happened]:
    """Those of these events that are not stored yet. From then on until the transaction ends nobody else numbers
    events."""
    if connection.dialect.name == "postgresql":
        connection.execute(_HOLD, {"what": POSITIONS_LOCK}).close()
    known = select(events.c.event_id).where(
        events.c.org_id == org_id, events.c.event_id.in_([one.event_id for one in told])
    )
    there = set(connection.execute(known).scalars())
    return [one for one in told if one.event_id not in there]


def still_hers(connection: Connection, told: Iterable[Happened]) -> list[Happened]:
    """Without what is about an attempt whose candidate was erased since it was read."""
    told = list(told)
    erased = erased_among(connection, {one.lane for one in told if one.lane})
    return [one for one in told if one.lane not in erased]


def position_of(connection: Connection, org_id: str) -> int:
    """The number of the organisation's last event."""
    table = event_positions.c
    position = connection.execute(select(table.position).where(table.org_id == org_id)).scalar()
    if position is not None:
        return int(position)
    connection.execute(insert(event_positions).values(org_id=org_id, position=0, pruned=0, audit_seq=0))
    return 0


def _store(connection: Connection, happened: Mapping[str, Sequence[Happened]], now_ms: int) -> None:
    """Numbers and stores the events, with a delivery for each subscription that takes them."""
    made: list[dict[str, Any]] = []
    stored: list[dict[str, Any]] = []
    subscribed = _subscribed(connection, happened)
    for org_id, ones in sorted(happened.items()):
        if not ones:
            continue
        position = position_of(connection, org_id)
        for one in ones:
            position += 1
            stored.append({"org_id": org_id, "position": position} | msgspec.structs.asdict(one))
            for subscription_id, patterns in subscribed[org_id]:
                if takes(patterns, one.topic):
                    made.append(delivery_row(org_id, subscription_id, position, one.lane, now_ms))
        connection.execute(update(event_positions).where(event_positions.c.org_id == org_id).values(position=position))
    if stored:
        connection.execute(insert(events), stored)
    if made:
        connection.execute(insert(deliveries), made)


def _subscribed(connection: Connection, orgs: Iterable[str]) -> Mapping[str, list[tuple[str, list[str]]]]:
    """Organisation → its subscriptions that are on, with their topics."""
    table = subscriptions.c
    query = select(table.org_id, table.subscription_id, table.topics).where(
        table.org_id.in_(list(orgs)), table.enabled.is_(True)
    )
    found: dict[str, list[tuple[str, list[str]]]] = defaultdict(list)
    for row in connection.execute(query):
        found[row.org_id].append((row.subscription_id, _topics(row.topics)))
    return found


def delivery_row(org_id: str, subscription_id: str, position: int, lane: str, now_ms: int) -> dict[str, Any]:
    """A delivery that is due at once, as a row."""
    return {
        "org_id": org_id,
        "subscription_id": subscription_id,
        "position": position,
        "lane": lane,
        "state": WAITING,
        "due_ms": now_ms,
        "tries": 0,
        "made_ms": now_ms,
        "give_up_ms": now_ms + GIVE_UP_MS,
    }
