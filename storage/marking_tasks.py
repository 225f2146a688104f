"""Answers that wait for a person's mark: who has which one in hand, and the marks that a second marker has yet to
confirm. A row comes and goes with the results of its attempt; a mark that counts is in the attempt's log."""

from collections.abc import Collection, Sequence
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, Select, and_, delete, func, insert, or_, select, update

from protocol.attempt.hand_marks import marked_as
from protocol.attempt.model import Status
from protocol.content import Criteria
from protocol.messages.base import Value
from protocol.rest.marking import By
from protocol.rest.results import Result
from protocol.rules.scope import WHOLE, TokenScope
from protocol.rules.second_marking import Given, Stage, handle_of
from storage.database import Database
from storage.schema import answers, attempt_keys, marking_tasks, test_attempts
from storage.scoping import in_scope

_decode: Final = msgspec.json.Decoder(Value).decode
_encode: Final = msgspec.json.encode
_decode_criteria: Final = msgspec.json.Decoder(Criteria).decode
_WAIT: Final = (Status.SUBMITTED.value, Status.EXPIRED.value, Status.COMPLETED.value)
"""A reopened attempt takes its answers out of the queue until it ends again."""


class Place(NamedTuple):
    """One answer."""

    attempt_id: str
    question_id: str


class InLine(NamedTuple):
    """Where an answer stands in the queue: attempts stand there by their handles (`handle_of`)."""

    handle: str
    question_id: str


class Task(msgspec.Struct, frozen=True):
    """One answer that waits, or (`waits` false) that has its mark; `handle` is its attempt's. `returned`: it was
    marked, and then it changed, or what it is worth did. `answer` tells for which answer, and out of how many points,
    the marks in `given` are (`marked_as`). It is in the hands of `claimed_by` until `claimed_until_ms`."""

    place: Place
    handle: str
    user_id: str
    name: str
    stage: Stage
    waits: bool
    returned: bool
    given: tuple[Given, ...]
    answer: bytes | None
    claimed_by: str | None
    claimed_until_ms: int | None

    @property
    def in_line(self) -> InLine:
        return InLine(self.handle, self.place.question_id)

    def held_by(self, now_ms: int) -> str | None:
        """Who has it in hand; None: nobody."""
        return self.claimed_by if self.claimed_until_ms is not None and self.claimed_until_ms > now_ms else None


class Queue(NamedTuple):
    """The queue of one test, as far as a token reaches, in one of two orders."""

    org_id: str
    test_id: str
    by: By = "question"
    scope: TokenScope = WHOLE


class Wanted(NamedTuple):
    """Which answers somebody asks for: any, or those to this question, of this attempt (by its id or its handle) or
    candidate, behind one in the queue."""

    question_id: str | None = None
    attempt_id: str | None = None
    handle: str | None = None
    user_id: str | None = None
    after: InLine | None = None


class MarkingTasks:
    """Reads and writes the table."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def for_org(self, org_id: str) -> "MarkingTasks":
        """The same, of one organisation alone: see `Database.for_org`."""
        return MarkingTasks(self._database.for_org(org_id))

    async def list(self, queue: Queue, wanted: Wanted, limit: int) -> list[Task]:
        """What waits and fits."""
        query = _waiting(queue).where(*_fits(queue, wanted)).order_by(*_order(queue)).limit(limit)
        rows = await self._database.read(lambda connection: connection.execute(query).all())
        return [_task(row) for row in rows]

    async def counts(self, queue: Queue) -> dict[str, int]:
        """How many answers to each question wait."""
        question_id = marking_tasks.c.question_id
        query = _waiting(queue).with_only_columns(question_id, func.count()).group_by(question_id).order_by(question_id)
        rows = await self._database.read(lambda connection: connection.execute(query).all())
        return {row[0]: row[1] for row in rows}

    async def find(self, place: Place) -> Task | None:
        """What the queue has of this answer; None: it has never waited for a person."""
        query = _ALL.where(*_this(place))
        row = await self._database.read(lambda connection: connection.execute(query).first())
        return None if row is None else _task(row)

    async def attempt_of(self, handle: str) -> str | None:
        """The id of the attempt with this handle; None: none of its answers ever waited for a person."""
        query = select(marking_tasks.c.attempt_id).where(marking_tasks.c.handle == handle).limit(1)
        return await self._database.read(lambda connection: connection.execute(query).scalar())

    async def claim(
        self, queue: Queue, wanted: Wanted, user_id: str, now_ms: int, until_ms: int, *, may_decide: bool
    ) -> Task | None:
        """Puts the first answer that fits, and that this person may mark, into her hands. Two who ask at the same time
        get two answers. Who has marked it first is not asked for the second mark; of the decision between two marks the
        same holds, unless she `may_decide`."""
        table = marking_tasks.c
        free = or_(table.claimed_until_ms.is_(None), table.claimed_until_ms <= now_ms, table.claimed_by == user_id)
        hers = or_(table.first_by == user_id, table.second_by == user_id)
        not_hers = or_(hers.is_(None), ~hers)
        if may_decide:
            not_hers = or_(not_hers, table.stage == Stage.DECISION)
        query = (
            _waiting(queue)
            .where(free, not_hers, *_fits(queue, wanted))
            .order_by(*_order(queue))
            .limit(1)
            .with_for_update(of=marking_tasks, skip_locked=True)
        )

        def work(connection: Connection) -> Task | None:
            row = connection.execute(query).first()
            if row is None:
                return None
            task = _task(row)
            hand = {"claimed_by": user_id, "claimed_until_ms": until_ms}
            connection.execute(update(marking_tasks).where(*_this(task.place)).values(hand))
            return msgspec.structs.replace(task, claimed_by=user_id, claimed_until_ms=until_ms)

        return await self._database.write(work)

    async def release(self, place: Place, user_id: str) -> bool:
        """Takes the answer out of her hands; False: it was not there."""
        statement = (
            update(marking_tasks).where(*_this(place), marking_tasks.c.claimed_by == user_id).values(_IN_NO_HANDS)
        )
        return bool(await self._database.write(lambda connection: connection.execute(statement).rowcount))

    async def keep(self, task: Task, given: Sequence[Given], stage: Stage, answer: bytes) -> bool:
        """Keeps marks that do not count yet, and lets go of the answer. False: somebody was quicker."""
        table = marking_tasks.c
        unchanged = [
            table[name].is_(None) if value is None else table[name] == value
            for name, value in _marks(task.given).items()
        ]
        statement = (
            update(marking_tasks)
            .where(*_this(task.place), table.done_at_ms.is_(None), *unchanged)
            .values({**_marks(given), "stage": int(stage), "answer": answer, **_IN_NO_HANDS})
        )
        return bool(await self._database.write(lambda connection: connection.execute(statement).rowcount))


def bring_up(connection: Connection, results: Sequence[Result], now_ms: int) -> None:
    """In the transaction of these results, after their answers: what waits for a person is in the queue, what does no
    longer is not, and marks that were given for another answer, or out of other points, are dropped."""
    table = marking_tasks.c
    waiting = {
        Place(result.attempt_id, mark.question_id): mark.max_mpt
        for result in results
        for mark in result.marks
        if mark.score_mpt is None
    }
    attempt_ids = [result.attempt_id for result in results]
    same = and_(answers.c.attempt_id == table.attempt_id, answers.c.question_id == table.question_id)
    query = select(table.attempt_id, table.question_id, table.done_at_ms, table.answer, answers.c.value).join(
        answers, same, isouter=True
    )
    rows = connection.execute(query.where(table.attempt_id.in_(attempt_ids))).all()
    known = {Place(row.attempt_id, row.question_id) for row in rows}
    _add(connection, waiting.keys() - known, now_ms)
    for row in rows:
        place, is_open = Place(row.attempt_id, row.question_id), row.done_at_ms is None
        if is_open and place not in waiting:
            values: dict[str, Any] = {"done_at_ms": now_ms, **_IN_NO_HANDS}
        elif place in waiting and (not is_open or _is_other(row, waiting[place])):
            values = {**_AT_FIRST, "returned": True, "done_at_ms": None}
        else:
            continue
        connection.execute(update(marking_tasks).where(*_this(place)).values(values))


def _is_other(row: Any, max_mpt: int) -> bool:
    """Whether the marks that were given are for another answer than the one that is there, or out of other points."""
    value = None if row.value is None else _decode(row.value)
    return row.answer is not None and row.answer != marked_as(value, max_mpt)


def _add(connection: Connection, places: Collection[Place], now_ms: int) -> None:
    if not places:
        return
    table = test_attempts.c
    attempt_ids = {place.attempt_id for place in places}
    query = (
        select(table.attempt_id, table.org_id, table.test_id, attempt_keys.c.key)
        .join(attempt_keys, attempt_keys.c.attempt_id == table.attempt_id)
        .where(table.attempt_id.in_(attempt_ids))
    )
    of = {
        row.attempt_id: {"org_id": row.org_id, "test_id": row.test_id, "handle": handle_of(row.key)}
        for row in connection.execute(query)
    }
    rows = [
        {**place._asdict(), **of[place.attempt_id], **_AT_FIRST, "returned": False, "added_at_ms": now_ms}
        for place in sorted(places)
        if place.attempt_id in of
    ]
    if rows:
        connection.execute(insert(marking_tasks), rows)


def forget(connection: Connection, attempt_id: str) -> None:
    """Of this attempt nothing is left."""
    connection.execute(delete(marking_tasks).where(marking_tasks.c.attempt_id == attempt_id))


def rename(connection: Connection, org_id: str, user_id: str, alias: str) -> int:
    """Calls somebody who has marked by her alias. How many rows named her."""
    named = 0
    for column in (marking_tasks.c.first_by, marking_tasks.c.second_by, marking_tasks.c.claimed_by):
        hers = update(marking_tasks).where(marking_tasks.c.org_id == org_id, column == user_id)
        named += connection.execute(hers.values({column.name: alias})).rowcount
    return named


_IN_NO_HANDS: Final[dict[str, Any]] = {"claimed_by": None, "claimed_until_ms": None}


def _marks(given: Sequence[Given]) -> dict[str, Any]:
    """The columns of at most two marks."""
    values: dict[str, Any] = {}
    for at, name in enumerate(("first", "second")):
        one = given[at] if at < len(given) else None
        values[f"{name}_by"] = None if one is None else one.by
        values[f"{name}_mpt"] = None if one is None else one.score_mpt
        values[f"{name}_remark"] = None if one is None else one.remark
        values[f"{name}_criteria"] = None if one is None or not one.criteria else _encode(one.criteria).decode()
    return values


_AT_FIRST: Final[dict[str, Any]] = {"stage": int(Stage.FIRST), "answer": None, **_marks(()), **_IN_NO_HANDS}


_ALL: Final[Select[Any]] = select(marking_tasks, test_attempts.c.user_id, test_attempts.c.display_name).join(
    test_attempts, test_attempts.c.attempt_id == marking_tasks.c.attempt_id
)


def _waiting(queue: Queue) -> Select[Any]:
    table = marking_tasks.c
    return _ALL.where(
        table.done_at_ms.is_(None),
        test_attempts.c.status.in_(_WAIT),
        table.org_id == queue.org_id,
        table.test_id == queue.test_id,
        in_scope(queue.org_id, queue.scope),
    )


def _order(queue: Queue) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    table = marking_tasks.c
    in_order = (table.question_id, table.handle)
    return in_order if queue.by == "question" else in_order[::-1]


def _fits(queue: Queue, wanted: Wanted) -> list[ColumnElement[bool]]:
    table = marking_tasks.c
    found: list[ColumnElement[bool]] = []
    if wanted.question_id is not None:
        found.append(table.question_id == wanted.question_id)
    if wanted.attempt_id is not None:
        found.append(table.attempt_id == wanted.attempt_id)
    if wanted.handle is not None:
        found.append(table.handle == wanted.handle)
    if wanted.user_id is not None:
        found.append(test_attempts.c.user_id == wanted.user_id)
    if wanted.after is not None:
        first, second = _order(queue)
        after = wanted.after._asdict()
        found.append(
            or_(first > after[first.key or ""], and_(first == after[first.key or ""], second > after[second.key or ""]))
        )
    return found


def _this(place: Place) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return marking_tasks.c.attempt_id == place.attempt_id, marking_tasks.c.question_id == place.question_id


def _task(row: Row[Any]) -> Task:
    marks = [
        None if by is None else Given(by, score_mpt, remark, () if criteria is None else _decode_criteria(criteria))
        for by, score_mpt, remark, criteria in (
            (row.first_by, row.first_mpt, row.first_remark, row.first_criteria),
            (row.second_by, row.second_mpt, row.second_remark, row.second_criteria),
        )
    ]
    return Task(
        place=Place(row.attempt_id, row.question_id),
        handle=row.handle,
        user_id=row.user_id,
        name=row.display_name,
        stage=Stage(row.stage),
        waits=row.done_at_ms is None,
        returned=bool(row.returned),
        given=tuple(mark for mark in marks if mark is not None),
        answer=row.answer,
        claimed_by=row.claimed_by,
        claimed_until_ms=row.claimed_until_ms,
    )
