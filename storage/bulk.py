"""Acts on many attempts: what was asked for, for whom, and what has become of it for each."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import Connection, insert, or_, select, update

from protocol.attempt.model import Actor, Role
from protocol.orders import AnyOrder, Filter, Order, name_of, reason_of
from protocol.rules.audit import BulkAct
from protocol.rules.scope import TokenScope
from storage import audit
from storage.database import Database
from storage.schema import bulk_acts, bulk_targets, test_attempts
from storage.sorting import Sorting, ordered

LEASE_MS: Final = 10_000
"""How long a node has an act after it last said how far it has come. Then any node goes on."""
DONE: Final = "done"
REFUSED: Final = "refused"

_encode: Final = msgspec.json.Encoder().encode
_decode_order: Final = msgspec.json.Decoder(AnyOrder).decode
_decode_filter: Final = msgspec.json.Decoder(Filter).decode
_decode_scope: Final = msgspec.json.Decoder(TokenScope).decode


class Bulk(msgspec.Struct, frozen=True):
    """An act. `scope` is that of whoever gave it, `request` a digest of what was asked for. `claimed_until_ms` proves
    that it is still this node's."""

    org_id: str
    bulk_id: str
    test_id: str
    order: Order
    filter: Filter | None
    scope: TokenScope
    request: bytes
    role: str
    by_id: str
    total: int
    done: int
    refused: int
    created_at_ms: int
    claimed_until_ms: int | None
    ended_at_ms: int | None

    @property
    def by(self) -> Actor:
        """Who gave it."""
        return Actor(Role(self.role), self.by_id)


class Outcome(NamedTuple):
    """What has become of an act for one attempt; `code` and `detail` where it was refused."""

    code: str | None = None
    detail: str | None = None


class Target(NamedTuple):
    """One attempt of an act. `outcome` nil: it waits."""

    attempt_id: str
    user_id: str | None
    name: str | None
    outcome: str | None
    code: str | None
    detail: str | None


def _insert(connection: Connection, acts: Sequence[tuple[Bulk, Mapping[str, Outcome | None]]]) -> None:
    for act, targets in acts:
        rows = [
            {
                "org_id": act.org_id,
                "bulk_id": act.bulk_id,
                "attempt_id": attempt_id,
                "outcome": None if outcome is None else REFUSED,
                "code": None if outcome is None else outcome.code,
                "detail": None if outcome is None else outcome.detail,
            }
            for attempt_id, outcome in targets.items()
        ]
        connection.execute(insert(bulk_acts).values(_values(act)))
        connection.execute(insert(bulk_targets), rows)
    for act, _ in acts:
        entry = BulkAct(act.test_id, name_of(act.order), act.total, reason_of(act.order))
        audit.append(connection, act.org_id, act.by, entry, act.created_at_ms)


class BulkActs:
    """Reads and writes both tables."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, act: Bulk, targets: Mapping[str, Outcome | None]) -> Bulk:
        """Stores an act with its attempts, and an entry in the audit log; returns when that is durable. `targets`:
        those that are refused already have their outcome. An act of this id that is there is returned instead."""
        there: list[Bulk] = []

        def work(connection: Connection) -> None:
            there.clear()
            row = connection.execute(_find(act.org_id, act.bulk_id)).first()
            if row is not None:
                there.append(_bulk(row))
                return
            _insert(connection, [(act, targets)])

        await audit.write(self._database.for_org(act.org_id), work)
        return there[0] if there else act

    async def add_together(self, org_id: str, acts: Sequence[tuple[Bulk, Mapping[str, Outcome | None]]]) -> None:
        """As `add`, several new acts of one organisation: all of them or none."""
        await audit.write(self._database.for_org(org_id), partial(_insert, acts=acts))

    async def get(self, org_id: str, bulk_id: str) -> Bulk | None:
        """The act of this id."""
        row = await self._database.for_org(org_id).read(
            lambda connection: connection.execute(_find(org_id, bulk_id)).first()
        )
        return None if row is None else _bulk(row)

    async def newest(self, org_id: str, test_id: str, limit: int) -> list[Bulk]:
        """The newest acts on attempts at one test, the newest first."""
        table = bulk_acts.c
        query = (
            select(bulk_acts)
            .where(table.org_id == org_id, table.test_id == test_id)
            .order_by(table.created_at_ms.desc(), table.bulk_id.desc())
            .limit(limit)
        )
        rows = await self._database.for_org(org_id).read(lambda connection: connection.execute(query).all())
        return [_bulk(row) for row in rows]

    async def claim(self, now_ms: int) -> Bulk | None:
        """An act that no node sees to, for this node. Of one test the acts are carried out one after the other, as they
        were given: a pause and a resumption must not overtake each other."""
        table = bulk_acts.c
        waits = select(bulk_acts).where(table.ended_at_ms.is_(None)).order_by(table.created_at_ms, table.bulk_id)
        rows = await self._database.read(lambda connection: connection.execute(waits).all())
        first = {(row.org_id, row.test_id): row for row in reversed(rows)}
        for row in rows:
            if first[row.org_id, row.test_id] is not row or (row.claimed_until_ms or 0) > now_ms:
                continue
            until_ms = now_ms + LEASE_MS
            claim = (
                update(bulk_acts)
                .where(table.org_id == row.org_id, table.bulk_id == row.bulk_id, table.ended_at_ms.is_(None))
                .where(or_(table.claimed_until_ms.is_(None), table.claimed_until_ms <= now_ms))
                .values(claimed_until_ms=until_ms)
            )
            claimed = await self._database.write(lambda connection, claim=claim: connection.execute(claim).rowcount)  # type: ignore[misc]
            if claimed:
                return msgspec.structs.replace(_bulk(row), claimed_until_ms=until_ms)
        return None

    async def waiting(self, act: Bulk, after: str | None, limit: int) -> Sequence[str]:
        """The next attempts of the act that wait, behind `after`."""
        target = bulk_targets.c
        query = (
            select(target.attempt_id)
            .where(target.org_id == act.org_id, target.bulk_id == act.bulk_id, target.outcome.is_(None))
            .order_by(target.attempt_id)
            .limit(limit)
        )
        if after is not None:
            query = query.where(target.attempt_id > after)
        return await self._database.read(lambda connection: connection.execute(query).scalars().all())

    async def settle(self, act: Bulk, outcomes: Mapping[str, Outcome], now_ms: int, *, ended: bool) -> Bulk | None:
        """Notes what has become of these attempts, and keeps the act for longer. None: another node has taken it."""
        target, table = bulk_targets.c, bulk_acts.c

        def work(connection: Connection) -> Bulk | None:
            row = connection.execute(
                select(table.claimed_until_ms, table.done, table.refused)
                .where(table.org_id == act.org_id, table.bulk_id == act.bulk_id, table.ended_at_ms.is_(None))
                .with_for_update()
            ).first()
            if row is None or row.claimed_until_ms != act.claimed_until_ms:
                return None
            counted = {DONE: row.done, REFUSED: row.refused}
            for attempt_id, outcome in sorted(outcomes.items()):
                said = DONE if outcome.code is None else REFUSED
                counted[said] += connection.execute(
                    update(bulk_targets)
                    .where(target.org_id == act.org_id, target.bulk_id == act.bulk_id)
                    .where(target.attempt_id == attempt_id, target.outcome.is_(None))
                    .values(outcome=said, code=outcome.code, detail=outcome.detail)
                ).rowcount
            changes: dict[str, Any] = {
                "done": counted[DONE],
                "refused": counted[REFUSED],
                "claimed_until_ms": now_ms + LEASE_MS,
                "ended_at_ms": now_ms if ended else None,
            }
            this = (table.org_id == act.org_id, table.bulk_id == act.bulk_id)
            connection.execute(update(bulk_acts).where(*this).values(changes))
            return msgspec.structs.replace(act, **changes)

        return await self._database.write(work)

    async def targets(
        self, org_id: str, bulk_id: str, order: Sorting, limit: int, *, refused: bool = False
    ) -> list[Target]:
        """The attempts of an act by their ids: all, or those that were refused."""
        target, attempt = bulk_targets.c, test_attempts.c
        query = (
            select(
                target.attempt_id,
                attempt.user_id,
                attempt.display_name,
                target.outcome,
                target.code,
                target.detail,
            )
            .join_from(bulk_targets, test_attempts, attempt.attempt_id == target.attempt_id, isouter=True)
            .where(target.org_id == org_id, target.bulk_id == bulk_id)
        )
        query = ordered(query, [target.attempt_id], order).limit(limit)
        if refused:
            query = query.where(target.outcome == REFUSED)
        rows = await self._database.for_org(org_id).read(lambda connection: connection.execute(query).all())
        return [Target(*row) for row in rows]

    async def attempts_of(self, org_id: str, bulk_id: str) -> frozenset[str]:
        """All attempts of an act."""
        target = bulk_targets.c
        query = select(target.attempt_id).where(target.org_id == org_id, target.bulk_id == bulk_id)
        return frozenset(
            await self._database.for_org(org_id).read(lambda connection: connection.execute(query).scalars().all())
        )


def _find(org_id: str, bulk_id: str) -> Any:
    return select(bulk_acts).where(bulk_acts.c.org_id == org_id, bulk_acts.c.bulk_id == bulk_id)


def _values(act: Bulk) -> dict[str, Any]:
    return msgspec.structs.asdict(act) | {
        "order": _encode(act.order).decode(),
        "filter": None if act.filter is None else _encode(act.filter).decode(),
        "scope": _encode(act.scope).decode(),
    }


def _bulk(row: Any) -> Bulk:
    kept = {name: getattr(row, name) for name in Bulk.__struct_fields__}
    kept["order"] = _decode_order(row.order)
    kept["filter"] = None if row.filter is None else _decode_filter(row.filter)
    kept["scope"] = _decode_scope(row.scope)
    return Bulk(**kept)
