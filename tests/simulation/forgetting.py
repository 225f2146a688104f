"""After a day some who sat are erased: nothing personal of theirs is left, and every chain still holds."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from typing import Any, Final, Protocol

from sqlalchemy import Connection, MetaData, select

from loadtest.checker.violations import Violation
from protocol.attempt.chain import ErasedLog
from protocol.messages.monitor import Row
from storage.log.verify import verify_log
from storage.schema import metadata, test_attempts
from tests.simulation.cluster import Machine
from tests.simulation.database import DatabaseServer, NodesEngine, database_on
from tests.simulation.sitter import Sitter

_TRIES: Final = 40
"""Seconds that nodes and monitors may take: a relay may have lost the word, and then a node looks by itself."""


class Place(Protocol):
    """What the erasing needs of the world."""

    machines: list[Machine]
    server: DatabaseServer

    def token(self, role: str, user: str, org: str) -> str: ...
    def shown_in(self, org: str) -> Iterator[tuple[str, dict[str, Row]]]:
        """Each monitor of an organisation that is connected, and its rows."""
        ...

    async def rest(
        self, who: str, org: str, method: str, path: str, token: str, body: Any, device: str = ""
    ) -> tuple[int, bytes] | None: ...


async def erase_and_look(place: Place, sitters: Sequence[Sitter], *, every_chain: bool) -> list[Violation]:
    """Erases the users of `sitters`. `every_chain`: also those of the others are verified, which takes long where there
    are hundreds."""
    found: list[Violation] = []
    erased = {attempt_id for sitter in sitters for attempt_id in sitter.attempt_ids}
    for sitter in sitters:
        user, org = sitter.candidate.user, sitter.candidate.org
        # Of an attempt whose node died before it could answer she does not know.
        erased |= set(place.server.run(attempts_of(user, org)))
        if not await _erased(place, sitter):
            found.append(Violation("erasure", user, "nobody could erase her"))
            continue
        found += [Violation("erasure", user, f"is still in {table}") for table in place.server.run(left_of(user))]
        for attempt_id in sitter.attempt_ids:
            found += await _in_nodes_and_monitors(place, attempt_id, org)
    if not found:
        found += [one async for one in _chains(place, erased, every_chain=every_chain)]
    return found


async def _erased(place: Place, sitter: Sitter) -> bool:
    user, org = sitter.candidate.user, sitter.candidate.org
    token = place.token("service", "registrar", org)
    for _ in range(_TRIES):
        reply = await place.rest("registrar", org, "DELETE", f"/users/{user}", token, None)
        if reply is not None and reply[0] == 200:
            return True
        if reply is not None and reply[0] == 409:
            # A late extension or reinstatement, or a pause for a lost connection, goes beyond the day.
            for attempt_id in sitter.attempt_ids:
                path = f"/test-attempts/{attempt_id}/end"
                await place.rest("registrar", org, "POST", path, token, {"reason": "the day is over"})
        await asyncio.sleep(1)
    return False


def attempts_of(user: str, org: str) -> Callable[[Connection], list[str]]:
    """The attempts that the database has of this user."""
    table = test_attempts.c
    query = select(table.attempt_id).where(table.org_id == org, table.user_id == user)
    return lambda connection: list(connection.execute(query).scalars())


def left_of(user: str) -> Callable[[Connection], list[str]]:
    """Looks through all that the database keeps; gives the columns in which this user's name still stands."""
    name = re.compile(re.escape(user.encode()) + rb"(?![0-9])")

    def look(connection: Connection) -> list[str]:
        return [where for where, value in _everything(connection, metadata) if name.search(value)]

    return look


def _everything(connection: Connection, schema: MetaData) -> Iterator[tuple[str, bytes]]:
    for table in schema.sorted_tables:
        for row in connection.execute(select(table)).mappings():
            for column, value in row.items():
                if isinstance(value, str | bytes):
                    yield f"{table.name}.{column}", value if isinstance(value, bytes) else value.encode()


async def _in_nodes_and_monitors(place: Place, attempt_id: str, org: str) -> list[Violation]:
    found: list[Violation] = []
    for _ in range(_TRIES):
        found = [
            Violation("erasure", attempt_id, f"{machine.name} has her in memory")
            for machine in place.machines
            if machine.ready and machine.node.registry.at_hand(attempt_id) is not None
        ]
        for name, rows in place.shown_in(org):
            row = rows.get(attempt_id)
            if row is not None and not (row.user_id.startswith("erased-") and row.name == ""):
                found.append(Violation("erasure", attempt_id, f"{name} shows {row.user_id} ({row.name})"))
        if not found:
            break
        await asyncio.sleep(1)
    return found


async def _chains(place: Place, erased: set[str], *, every_chain: bool) -> AsyncIterator[Violation]:
    database = database_on(NodesEngine(place.server, "an auditor"))
    for one in [None] if every_chain else sorted(erased):
        async for attempt_id, _, verdict in verify_log(database, one):
            if attempt_id in erased and not isinstance(verdict, ErasedLog):
                yield Violation("erasure", attempt_id, f"its log does not say that she was erased ({verdict})")
            elif attempt_id not in erased and verdict is not None:
                yield Violation("erasure", attempt_id, f"the log of somebody else has suffered: {verdict}")
