"""Who is enrolled for a test and has no attempt at it."""

from collections.abc import Collection
from typing import NamedTuple

from sqlalchemy import ColumnElement, Subquery, and_, exists, func, or_, select, union

from protocol.rules.scope import TokenScope
from storage.database import Database
from storage.enrolments import COURSE, TEST
from storage.people import GROUP, USER
from storage.schema import enrolments, group_members, people, test_attempts
from storage.sorting import Sorting, ordered


class Expected(NamedTuple):
    """`name` is blank where nobody has said one."""

    user_id: str
    name: str
    branch_id: str | None


class Part(NamedTuple):
    """The part of the test's candidates that is asked about; None: not limited by that."""

    scope: TokenScope
    group_id: str | None = None
    branch_id: str | None = None


def _enrolled(org_id: str, test_id: str, course_id: str | None) -> Subquery:
    enrolled, member = enrolments.c, group_members.c
    to = and_(enrolled.to_kind == TEST, enrolled.to_id == test_id)
    if course_id is not None:
        to = or_(to, and_(enrolled.to_kind == COURSE, enrolled.to_id == course_id))
    return union(
        select(enrolled.who_id.label("user_id")).where(enrolled.org_id == org_id, to, enrolled.who_kind == USER),
        select(member.user_id)
        .join(enrolments, and_(enrolled.org_id == member.org_id, enrolled.who_id == member.group_id))
        .where(member.org_id == org_id, to, enrolled.who_kind == GROUP),
    ).subquery()


def _in_groups(org_id: str, who: Subquery, groups: Collection[str]) -> ColumnElement[bool]:
    member = group_members.c
    return who.c.user_id.in_(select(member.user_id).where(member.org_id == org_id, member.group_id.in_(groups)))


async def expected(
    database: Database, org_id: str, test_id: str, course_id: str | None, part: Part, order: Sorting, limit: int
) -> tuple[int, list[Expected]]:
    """How many there are, and a page of them, by their ids or first by their names. Somebody whose account is switched
    off may begin no test, and is not expected."""
    who, person, attempt = _enrolled(org_id, test_id, course_id), people.c, test_attempts.c
    sat = exists().where(attempt.test_id == test_id, attempt.user_id == who.c.user_id, attempt.org_id == org_id)
    conditions: list[ColumnElement[bool]] = [~sat, func.coalesce(person.off, False).is_(False)]
    if part.scope.branches is not None:
        conditions.append(person.branch_id.in_(part.scope.branches))
    if part.branch_id is not None:
        conditions.append(person.branch_id == part.branch_id)
    if part.scope.groups is not None:
        conditions.append(_in_groups(org_id, who, part.scope.groups))
    if part.group_id is not None:
        conditions.append(_in_groups(org_id, who, (part.group_id,)))
    known = who.outerjoin(people, and_(person.org_id == org_id, person.user_id == who.c.user_id))
    count = select(func.count()).select_from(known).where(*conditions)
    name = func.coalesce(person.name, "")
    theirs = select(who.c.user_id, name, person.branch_id).select_from(known).where(*conditions)
    page = ordered(theirs, [*([name] if order.by == "name" else []), who.c.user_id], order).limit(limit)
    return await database.for_org(org_id).read(
        lambda connection: (
            connection.execute(count).scalar_one(),
            [Expected(*row) for row in connection.execute(page)],
        )
    )
