"""What statistics and trials of a regrade are worked out from: marks and answers of ended attempts, page by page."""

from typing import Final, NamedTuple

from sqlalchemy import ColumnElement, Text, and_, cast, exists, false, func, select, true
from sqlalchemy.sql.selectable import ScalarSelect

from protocol.attempt.model import Status
from protocol.rules.scope import WHOLE, TokenScope
from storage.database import Database
from storage.regrades import SAT
from storage.schema import answers, regrades, results, test_attempts
from storage.scoping import in_scope

IS_DUE: Final = and_(test_attempts.c.marking_seq.is_not(None), results.c.seq < test_attempts.c.marking_seq)
"""Whether marks are due that the newest result does not have."""


class Selection(NamedTuple):
    """Attempts at one test; nil: of any form, of any version, of members of any group or none, or whenever they
    ended."""

    org_id: str
    test_id: str
    form_id: str | None = None
    test_version: int | None = None
    scope: TokenScope = WHOLE
    group_id: str | None = None
    ended_by_ms: int | None = None


class Counts(NamedTuple):
    """How many attempts have each status; of those that are completed, how many have all their marks; and how many were
    erased, which are in no status."""

    by_status: dict[Status, int]
    complete: int
    erased: int


class Marked(NamedTuple):
    """One attempt: its newest result, and its answers by question, both as JSON text."""

    attempt_id: str
    result: str
    answers: str

    def lines(self) -> bytes:
        """A line of JSON for each of the two."""
        return f"{self.result}\n{self.answers}\n".encode()


class Statistics:
    """Reads what is needed, page by page."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def counts(self, selection: Selection) -> Counts:
        """How many attempts there are of each sort."""
        gone, marked = test_attempts.c.erased_at_ms.is_not(None), results.c.complete & ~IS_DUE
        is_marked = func.coalesce(marked, false())
        query = (
            select(test_attempts.c.status, gone, is_marked, func.count())
            .join(results, results.c.attempt_id == test_attempts.c.attempt_id, isouter=True)
            .where(chosen(selection), in_scope(selection.org_id, selection.scope))
            .group_by(test_attempts.c.status, gone, is_marked)
        )
        rows = await self._database.for_org(selection.org_id).read(lambda connection: connection.execute(query).all())
        by_status: dict[Status, int] = {}
        for status, erased, _, count in rows:
            if not erased:
                by_status[Status(status)] = by_status.get(Status(status), 0) + count
        complete = sum(row[3] for row in rows if row[0] == Status.COMPLETED.value and row[2] and not row[1])
        return Counts(by_status, complete, sum(count for _, erased, _, count in rows if erased))

    async def versions(self, selection: Selection) -> list[int]:
        """The versions of the test by whose keys attempts may have been marked."""
        sat = select(test_attempts.c.test_version).where(chosen(selection), test_attempts.c.test_version.is_not(None))
        keys = select(regrades.c.key_version).where(
            regrades.c.org_id == selection.org_id, regrades.c.test_id == selection.test_id
        )
        both = sat.union(keys)
        return sorted(
            await self._database.for_org(selection.org_id).read(
                lambda connection: connection.execute(both).scalars().all()
            )
        )

    async def first_complete(self, selection: Selection, after: str | None, limit: int) -> list[Marked]:
        """The first complete attempt of each candidate, by attempt id from the one after `after` on. One whose marks
        are just being made anew is left out."""
        table, earlier = test_attempts, test_attempts.alias()
        same = and_(
            earlier.c.org_id == table.c.org_id,
            earlier.c.test_id == table.c.test_id,
            earlier.c.user_id == table.c.user_id,
            earlier.c.attempt_number < table.c.attempt_number,
            earlier.c.status == Status.COMPLETED.value,
            earlier.c.form_id == selection.form_id if selection.form_id is not None else true(),
            earlier.c.test_version == selection.test_version if selection.test_version is not None else true(),
        )
        first = ~exists(select(earlier.c.attempt_id).where(same))
        complete = and_(table.c.status == Status.COMPLETED.value, results.c.complete, ~IS_DUE, first)
        return await self._marked(selection, complete, after, limit)

    async def sat(self, selection: Selection, after: str | None, limit: int) -> list[Marked]:
        """Every attempt that was sat to its end and has marks that can still change, by attempt id from the one after
        `after` on."""
        open_to_marks = and_(test_attempts.c.status.in_(SAT), test_attempts.c.archived_at_ms.is_(None))
        return await self._marked(selection, open_to_marks, after, limit)

    async def _marked(
        self, selection: Selection, which: ColumnElement[bool], after: str | None, limit: int
    ) -> list[Marked]:
        table = test_attempts.c
        query = (
            select(table.attempt_id, cast(results.c.result, Text), self._answers())
            .join(results, results.c.attempt_id == table.attempt_id)
            .where(chosen(selection), in_scope(selection.org_id, selection.scope))
            .where(which, table.erased_at_ms.is_(None))
            .order_by(table.attempt_id)
            .limit(limit)
        )
        if after is not None:
            query = query.where(table.attempt_id > after)
        rows = await self._database.for_org(selection.org_id).read(lambda connection: connection.execute(query).all())
        return [Marked(row[0], row[1], row[2] or "{}") for row in rows]

    def _answers(self) -> ScalarSelect[str]:
        """The answers of an attempt as one object: a row for each would be most of the work."""
        value = answers.c.value
        if self._database.dialect == "sqlite":
            whole = cast(func.json_group_object(answers.c.question_id, func.json(value)), Text)
        else:
            whole = cast(func.json_object_agg(answers.c.question_id, value), Text)
        mine = answers.c.attempt_id == test_attempts.c.attempt_id
        return select(whole).where(mine).correlate(test_attempts).scalar_subquery()


def chosen(selection: Selection) -> ColumnElement[bool]:
    """True of the rows of `test_attempts` that are selected; the scope is not looked at."""
    table = test_attempts.c
    which = and_(table.org_id == selection.org_id, table.test_id == selection.test_id)
    if selection.form_id is not None:
        which = and_(which, table.form_id == selection.form_id)
    if selection.test_version is not None:
        which = and_(which, table.test_version == selection.test_version)
    if selection.group_id is not None:
        which = and_(which, in_scope(selection.org_id, TokenScope(groups=frozenset({selection.group_id}))))
    if selection.ended_by_ms is not None:
        which = and_(which, table.submit_time <= selection.ended_by_ms)
    return which
