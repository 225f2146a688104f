"""How long organisations keep what they have."""

from collections.abc import Callable
from typing import Final

import msgspec
from sqlalchemy import Connection, Row, delete, insert, select

from protocol.attempt.model import Actor
from protocol.codes import Code
from protocol.errors import Refused, refuse
from protocol.rules.audit import RetentionChanged
from protocol.rules.retention import Bounds, Retention
from storage.audit import ORGANISATIONS, append, write
from storage.database import Database
from storage.schema import media, retention, tests

_FIELDS: Final = Retention.__struct_fields__
_RULES: Final = select(retention.c.org_id, *(retention.c[name] for name in _FIELDS))
_WITH_MEDIA: Final = select(media.c.org_id).distinct()
_WITH_TESTS: Final = select(tests.c.org_id).distinct()
_NOTHING: Final = Retention()
_NO_BOUNDS: Final = Bounds()


class RetentionRules:
    """One row for each organisation that has said something. `bounds` are the operator's."""

    def __init__(self, database: Database, bounds: Bounds = _NO_BOUNDS) -> None:
        self._database = database
        self.bounds = bounds

    async def of(self, org_id: str) -> Retention:
        """What the organisation has said."""
        return await self._database.for_org(org_id).read(lambda connection: _of(connection, org_id))

    async def in_force(self) -> dict[str, Retention]:
        """By organisation."""

        def work(connection: Connection) -> dict[str, Retention]:
            said = {row.org_id: _rule(row) for row in connection.execute(_RULES)}
            if self.bounds.most == _NOTHING:
                return said
            # One without a test has an audit log too, and one whose tests the command line stored may have none.
            silent = [
                org_id
                for query in (_WITH_TESTS, _WITH_MEDIA, ORGANISATIONS)
                for org_id in connection.execute(query).scalars()
            ]
            return dict.fromkeys(silent, _NOTHING) | said

        found = await self._database.read(work)
        return {org_id: self.bounds.apply(rule) for org_id, rule in found.items()}

    async def put(
        self,
        org_id: str,
        rule: Retention,
        by: Actor,
        now_ms: int,
        check: Callable[[Retention], None] = lambda before: None,
    ) -> None:
        """Says so, and that it was said in the audit log. `check` raises where something else was said before than its
        caller has seen. Raises `Refused(out_of_range)` for what goes beyond the bounds."""
        beyond = self.bounds.beyond(rule)
        if beyond is not None:
            name, least, most = beyond
            upto = "" if most is None else f", and at most {most}"
            says = f"`{name}`: the operator keeps this for at least {least} days{upto}."
            raise Refused(refuse(Code.OUT_OF_RANGE, says))
        said = msgspec.structs.asdict(rule)

        def work(connection: Connection) -> None:
            check(_of(connection, org_id))
            connection.execute(delete(retention).where(retention.c.org_id == org_id))
            connection.execute(insert(retention).values(org_id=org_id, **said))
            append(connection, org_id, by, RetentionChanged(**said), now_ms)

        await write(self._database.for_org(org_id), work)


def _of(connection: Connection, org_id: str) -> Retention:
    row = connection.execute(_RULES.where(retention.c.org_id == org_id)).first()
    return _NOTHING if row is None else _rule(row)


def _rule(row: Row[tuple[str, *tuple[int | None, ...]]]) -> Retention:
    return Retention(*row[1:])
