"""Attempts: recovery from snapshot and log, and the projection that others read."""

from collections.abc import Collection, Sequence
from functools import partial
from typing import Any, Final

import msgspec
from msgspec.structs import replace
from sqlalchemy import Connection, Select, bindparam, func, select
from sqlalchemy import Row as Selected
from sqlalchemy.sql.elements import BindParameter

from protocol.attempt.chain import BrokenChain, Line
from protocol.attempt.evolve import fold
from protocol.attempt.facts import Fact, Record
from protocol.attempt.model import Attempt, Identity, Status
from protocol.content import Rules
from protocol.messages.monitor import Row
from protocol.rules.admission import Earlier
from protocol.rules.scope import WHOLE, TokenScope
from storage.attempt_list import Wanted, conditions
from storage.columns import is_attempt_id
from storage.database import Database
from storage.earlier import EARLIER, Person, by_person
from storage.loading import Found, KnownAttempt, find_attempts
from storage.log.reading import LINE, Kept, read_lines
from storage.log.search import find_operations
from storage.projection import monitor_row
from storage.schema import attempt_keys, attempt_log, test_attempts
from storage.scoping import in_scope
from storage.snapshots import load_snapshot
from storage.statements import ADDRESSES, POSITIONS, hashes_at, id_of, key_of
from storage.tests import read_rules

_PAGE: Final = 1_000
"""Attempts in one query."""
_MAX_CLIENT_CHARS: Final = 500
"""An address or a browser's name, as it is shown to staff."""


def identity_of(known: KnownAttempt) -> Identity:
    """Who may see it is decided by this."""
    return Identity(
        attempt_id=known.attempt_id,
        org_id=known.org_id,
        branch_id=known.branch_id,
        test_id=known.test_id,
        form_id=known.form_id,
        user_id=known.user_id,
        attempt_number=known.attempt_number,
    )


class KeptRecord(msgspec.Struct, frozen=True):
    """A row of the log as stored, not verified: the reader verifies it."""

    line: Line
    written_at_ms: int


# Composed once: composing a statement costs several times as much as executing it, and after a failure of the network
# everybody comes back at once.

_this: Final[BindParameter[str]] = bindparam("this")
"""An attempt's id."""
_these: Final[BindParameter[Sequence[str]]] = bindparam("these", expanding=True)

_IDENTITY: Final = select(*(test_attempts.c[name] for name in KnownAttempt.__struct_fields__)).where(
    test_attempts.c.attempt_id == _this
)

_IDENTITIES: Final = select(*(test_attempts.c[name] for name in KnownAttempt.__struct_fields__)).where(
    test_attempts.c.attempt_id.in_(_these)
)

_KEY: Final = select(attempt_keys.c.key).where(attempt_keys.c.attempt_id == _this)

_ROWS: Final[Select[Any]] = select(
    test_attempts.c.attempt_id,
    test_attempts.c.seq,
    test_attempts.c.user_id,
    test_attempts.c.branch_id,
    test_attempts.c.display_name,
    test_attempts.c.attempt_number,
    test_attempts.c.status,
    test_attempts.c.current_question_index,
    test_attempts.c.start_time,
    test_attempts.c.submit_time,
    test_attempts.c.expires_at,
    test_attempts.c.session_data,
)

_ROW: Final = _ROWS.where(test_attempts.c.attempt_id == _this)

_OF_TEST: Final = _ROWS.where(
    test_attempts.c.org_id == bindparam("org"), test_attempts.c.test_id == bindparam("test")
).limit(bindparam("most"))
_ROSTER: Final = _OF_TEST.order_by(test_attempts.c.attempt_id)
_ROSTER_BACK: Final = _OF_TEST.order_by(test_attempts.c.attempt_id.desc())


_OVERDUE: Final = (
    select(func.count())
    .select_from(test_attempts)
    .where(
        test_attempts.c.expires_at.is_not(None),
        test_attempts.c.wake_at_ms <= bindparam("now"),
        test_attempts.c.status == Status.IN_PROGRESS.value,
    )
)
_LAST_RECORDS: Final = 1_000
"""The newest records of an embedded log, in the order of writing."""


class Attempts:
    """What the log and the projection say."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def for_org(self, org_id: str) -> "Attempts":
        """The same, of one organisation alone: see `Database.for_org`."""
        return Attempts(self._database.for_org(org_id))

    # ── at the start ───────────────────────────────────────────────────────────────────────────────────────────

    async def newest_written_ms(self) -> int | None:
        """When the newest record was written, by its writer's clock; None: the log is empty. For SQLite alone, which
        keeps records in the order of writing, so that reading the last few is enough."""
        last = "SELECT written_at_ms FROM attempt_log ORDER BY rowid DESC LIMIT ?"
        sql = f"SELECT max(written_at_ms) FROM ({last})"  # noqa: S608 (a constant)
        return await self._database.read(lambda connection: connection.exec_driver_sql(sql, (_LAST_RECORDS,)).scalar())

    async def count_overdue(self, now_ms: int) -> int:
        """Running attempts whose time is up and that are not closed yet."""
        return await self._database.read(lambda connection: connection.execute(_OVERDUE, {"now": now_ms}).scalar_one())

    # What is answered from these is told as acknowledged: see `Database.settled`.

    # ── recovery ───────────────────────────────────────────────────────────────────────────────────────────────

    async def load(self, attempt_id: str) -> Attempt | None:
        """The state as of the last record: snapshot and tail, or the whole log where no snapshot can be used.

        Raises `BrokenChain`, `ErasedLog`, `NewerLog` and `ArchivedLog`.
        """
        if not is_attempt_id(attempt_id):
            return None
        snapshot, kept = await self._database.read(lambda connection: _snapshot_and_tail(connection, attempt_id))
        await self._database.settled()
        return _folded(attempt_id, snapshot, kept)

    async def find(self, attempt_ids: Sequence[str]) -> dict[str, Found]:
        """Those of the attempts that there are, not checked: see `open`."""
        found = await self._database.read(lambda connection: find_attempts(connection, attempt_ids))
        await self._database.settled()
        return found

    async def open(self, found: Found) -> Attempt | None:
        """The state as of the last record. Raises as `load`."""
        attempt_id = found.card.attempt_id
        if found.kept is None:
            return await self.load(attempt_id)
        try:
            snapshot = found.state()
        except msgspec.DecodeError:
            return await self.load(attempt_id)
        return _folded(attempt_id, snapshot, found.kept)

    async def records(self, attempt_id: str, after: int = 0, head: bytes | None = None) -> list[Record]:
        """The records after number `after`, verified against the hash of that one, which must be `head` if given.

        Raises `BrokenChain`, also where record `after` itself is missing: then something that was there has gone.
        Raises `ErasedLog`, `NewerLog` and `ArchivedLog`.
        """
        if not is_attempt_id(attempt_id):
            return []
        kept = await self._database.read(lambda connection: read_lines(connection, attempt_id, after))
        await self._database.settled()
        lines = kept.lines
        if after == 0:
            return kept.opened(attempt_id)
        kept.check_here(attempt_id, after)
        if not lines or lines[0].seq != after:
            raise BrokenChain(attempt_id, after, "it is missing")
        if head not in (None, lines[0].hash):
            raise BrokenChain(attempt_id, after, "it is another one")
        return kept.after_first(attempt_id)

    async def operations(self, attempt_id: str, numbers: Collection[int], newest: int) -> dict[int, Fact | None]:
        """See `find_operations`."""
        return await self._database.read(lambda connection: find_operations(connection, attempt_id, numbers, newest))

    async def key(self, attempt_id: str) -> bytes | None:
        """The key under which the bodies of the attempt's log are digested."""
        if not is_attempt_id(attempt_id):
            return None
        return await self._database.read(lambda connection: connection.execute(_KEY, {"this": attempt_id}).scalar())

    async def kept(self, attempt_id: str, after: int, limit: int) -> list[KeptRecord]:
        """At most `limit` rows of the log after record `after`, in order, without checking them."""
        if not is_attempt_id(attempt_id):
            return []
        query = (
            select(attempt_log.c.written_at_ms, *LINE)
            .where(attempt_log.c.attempt_id == attempt_id, attempt_log.c.seq > after)
            .order_by(attempt_log.c.seq)
            .limit(limit)
        )
        rows = await self._database.read(lambda connection: connection.execute(query).all())
        return [KeptRecord(Line(*row[1:]), row[0]) for row in rows]

    async def positions(self, attempt_ids: Sequence[str]) -> dict[str, int]:
        """The last sequence number of each attempt that has a log, read in parts: of any number of attempts."""
        known = [attempt_id for attempt_id in attempt_ids if is_attempt_id(attempt_id)]
        positions: dict[str, int] = {}
        for start in range(0, len(known), _PAGE):
            page = partial(_positions, attempt_ids=known[start : start + _PAGE])
            positions |= await self._database.read(page)
        return positions

    async def hash_at(self, attempt_id: str, seq: int) -> bytes | None:
        """The hash of one record; None where the log has no such record."""
        found = await self._database.read(partial(hashes_at, positions=[(attempt_id, seq)]))
        return found.get((attempt_id, seq))

    # ── the projection ─────────────────────────────────────────────────────────────────────────────────────────

    async def identity(self, attempt_id: str) -> KnownAttempt | None:
        """The owner of an attempt: the cheap check before anything else."""
        if not is_attempt_id(attempt_id):
            return None
        row = await self._database.read(lambda connection: connection.execute(_IDENTITY, {"this": attempt_id}).first())
        return None if row is None else KnownAttempt(*row)

    async def identities(self, attempt_ids: Sequence[str]) -> list[KnownAttempt]:
        """The same of those of many attempts that exist."""
        known = [attempt_id for attempt_id in attempt_ids if is_attempt_id(attempt_id)]
        found: list[KnownAttempt] = []
        for start in range(0, len(known), _PAGE):
            page = partial(_identities, attempt_ids=known[start : start + _PAGE])
            found += await self._database.read(page)
        return found

    async def of_user(self, org_id: str, test_id: str, user_id: str) -> list[Earlier]:
        """One candidate's attempts at one test, by number."""
        person = Person(org_id, test_id, user_id)
        rows = await self._database.for_org(org_id).read(lambda connection: EARLIER.find(connection, [person]))
        return by_person(rows).get(person, [])

    async def branches(self, attempt_ids: Sequence[str]) -> dict[str, str | None]:
        """The branch that each of these attempts is in now."""
        table = test_attempts.c
        known = [one for one in attempt_ids if is_attempt_id(one)]
        query = select(table.attempt_id, table.branch_id).where(table.attempt_id.in_(known))
        rows = await self._database.read(lambda connection: connection.execute(query).all())
        return {row.attempt_id: row.branch_id for row in rows}

    async def rows(
        self,
        org_id: str,
        test_id: str,
        after: str | None,
        limit: int,
        scope: TokenScope = WHOLE,
        wanted: Wanted | None = None,
        *,
        descending: bool = False,
    ) -> list[Row]:
        """The monitor's rows of one test, by attempt id, from the one after `after` on; those in `scope`, and of them
        the wanted ones, whenever they have changed."""
        values: dict[str, str | int] = {"org": org_id, "test": test_id, "most": limit}
        query = _ROSTER_BACK if descending else _ROSTER
        if not scope.is_whole:
            query = query.where(in_scope(org_id, scope))
        if wanted is not None:
            query = query.where(*conditions(org_id, wanted))
        if after is not None:
            if not is_attempt_id(after):
                return []
            attempt_id = test_attempts.c.attempt_id
            query = query.where(attempt_id < _this if descending else attempt_id > _this)
            values["this"] = after

        def work(connection: Connection) -> list[Row]:
            found = [_monitor_row(row) for row in connection.execute(query, values)]
            if not any(row.status == Status.INITIATED for row in found):
                return found
            rules = read_rules(connection, org_id, test_id)
            return found if rules is None else [_under(rules, row) for row in found]

        return await self._database.for_org(org_id).read(work)

    async def row(self, attempt_id: str) -> Row | None:
        """The monitor's row of one attempt. Until the start `link` and `admission` say what they are where the test
        binds its links and has a waiting room."""
        if not is_attempt_id(attempt_id):
            return None
        found = await self._database.read(lambda connection: connection.execute(_ROW, {"this": attempt_id}).first())
        return None if found is None else _monitor_row(found)

    async def count(self, org_id: str, test_id: str) -> int:
        """How many attempts at one test there are."""
        query = (
            select(func.count())
            .select_from(test_attempts)
            .where(test_attempts.c.org_id == org_id, test_attempts.c.test_id == test_id)
        )
        return await self._database.for_org(org_id).read(lambda connection: connection.execute(query).scalar_one())

    async def note_addresses(self, clients: Sequence[tuple[str, str, str]]) -> None:
        """Stores the last (attempt id, IP address, user agent) of candidates; each attempt at most once."""
        # Every writer locks rows in this order, so that two of them cannot block each other.
        known = sorted(client for client in clients if is_attempt_id(client[0]))

        def work(connection: Connection) -> None:
            dialect = connection.dialect.name
            rows = [(key_of(dialect, one), _shown(address), _shown(agent)) for one, address, agent in known]
            ADDRESSES.run(connection, rows)

        await self._database.write(work)


def _folded(attempt_id: str, snapshot: Attempt | None, kept: Kept) -> Attempt | None:
    if snapshot is None:
        return fold(kept.opened(attempt_id))
    kept.check_here(attempt_id, snapshot.seq)
    if not kept.lines or kept.lines[0].hash != snapshot.head:
        raise BrokenChain(attempt_id, snapshot.seq, "the snapshot does not lie on the log")
    if kept.key is None:
        raise BrokenChain(attempt_id, snapshot.seq, "the attempt's key is gone")
    tail = Kept(kept.key, kept.lines[1:]).opened(attempt_id, snapshot.seq, snapshot.head)
    return fold(tail, replace(snapshot, key=kept.key))


def _identities(connection: Connection, attempt_ids: Sequence[str]) -> list[KnownAttempt]:
    return [KnownAttempt(*row) for row in connection.execute(_IDENTITIES, {"these": attempt_ids})]


def _positions(connection: Connection, attempt_ids: Sequence[str]) -> dict[str, int]:
    keys = [(key_of(connection.dialect.name, attempt_id),) for attempt_id in attempt_ids]
    return {id_of(key): seq for key, seq in POSITIONS.find(connection, keys)}


def _snapshot_and_tail(connection: Connection, attempt_id: str) -> tuple[Attempt | None, Kept]:
    """The snapshot and the log from its own record on; without a usable snapshot, the whole log."""
    snapshot = load_snapshot(connection, attempt_id)
    return snapshot, read_lines(connection, attempt_id, 0 if snapshot is None else snapshot.seq)


def _monitor_row(row: Selected[Any]) -> Row:
    return monitor_row(
        row.attempt_id,
        row.seq,
        row.user_id,
        row.branch_id,
        row.display_name,
        row.attempt_number,
        row.status,
        row.current_question_index,
        (row.start_time, row.submit_time, row.expires_at),
        row.session_data,
    )


def _under(rules: Rules, row: Row) -> Row:
    """Of an attempt that has not started the newest rules of the test say whether its link binds a device, and whether
    its candidate has to be let in."""
    if row.status != Status.INITIATED:
        return row
    link = row.link if rules.links == "once" else None
    return replace(row, link=link, admission=row.admission if rules.waiting_room else None)


def _shown(text: str) -> str:
    """A text from a client, made fit to be stored."""
    return "".join(character for character in text if character.isprintable())[:_MAX_CLIENT_CHARS]
