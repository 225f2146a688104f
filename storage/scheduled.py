"""Who is to sit a test: the enrolled, those who were granted something there, and those who have an attempt."""

from collections.abc import AsyncIterator, Sequence
from typing import Final

from sqlalchemy import and_, or_, select, union

from protocol.rules.admission import Earlier
from protocol.rules.schedule import Scheduled
from storage.database import Database
from storage.earlier import EARLIER, Person, by_person
from storage.enrolments import COURSE, TEST
from storage.overrides import EVERY_TEST, Candidate, Overrides
from storage.people import GROUP, USER
from storage.schema import enrolments, group_members, overrides, test_attempts

_PAGE: Final = 500


async def scheduled(database: Database, org_id: str, test_id: str, course_id: str | None) -> AsyncIterator[Scheduled]:
    """In the order of the users' ids, with what each is granted as of now."""
    after = ""
    while True:
        page = await _page(database, org_id, test_id, course_id, after)
        granted = await Overrides(database).accommodations(org_id, [Candidate(test_id, user) for user, _ in page])
        further = [user for user, _ in page if granted[Candidate(test_id, user)].extra_attempts]
        had = await _attempts(database, org_id, test_id, further)
        for user_id, form_id in page:
            mine = tuple(had.get(Person(org_id, test_id, user_id), ()))
            yield Scheduled(user_id, granted[Candidate(test_id, user_id)], form_id, mine)
        if len(page) < _PAGE:
            return
        after = page[-1][0]


async def _attempts(
    database: Database, org_id: str, test_id: str, user_ids: Sequence[str]
) -> dict[Person, list[Earlier]]:
    persons = [Person(org_id, test_id, user_id) for user_id in user_ids]
    if not persons:
        return {}
    return by_person(await database.for_org(org_id).read(lambda connection: EARLIER.find(connection, persons)))


async def _page(
    database: Database, org_id: str, test_id: str, course_id: str | None, after: str
) -> list[tuple[str, str | None]]:
    enrolled, granted, member, attempt = enrolments.c, overrides.c, group_members.c, test_attempts.c
    to = and_(enrolled.to_kind == TEST, enrolled.to_id == test_id)
    if course_id is not None:
        to = or_(to, and_(enrolled.to_kind == COURSE, enrolled.to_id == course_id))
    at = granted.test_id.in_((EVERY_TEST, test_id))
    who = union(
        select(enrolled.who_id.label("user_id")).where(enrolled.org_id == org_id, to, enrolled.who_kind == USER),
        select(member.user_id)
        .join(enrolments, and_(enrolled.org_id == member.org_id, enrolled.who_id == member.group_id))
        .where(member.org_id == org_id, to, enrolled.who_kind == GROUP),
        select(granted.who_id).where(granted.org_id == org_id, at, granted.who_kind == USER),
        select(member.user_id)
        .join(overrides, and_(granted.org_id == member.org_id, granted.who_id == member.group_id))
        .where(member.org_id == org_id, granted.test_id == test_id, granted.who_kind == GROUP),
        select(attempt.user_id).where(
            attempt.org_id == org_id, attempt.test_id == test_id, attempt.status == "initiated"
        ),
    ).subquery()
    forms = (
        select(enrolled.form_id)
        .where(
            enrolled.org_id == org_id,
            enrolled.to_kind == TEST,
            enrolled.to_id == test_id,
            enrolled.who_kind == USER,
            enrolled.who_id == who.c.user_id,
        )
        .scalar_subquery()
    )
    query = select(who.c.user_id, forms).where(who.c.user_id > after).order_by(who.c.user_id).limit(_PAGE)
    rows = await database.for_org(org_id).read(lambda connection: connection.execute(query).all())
    return [(row[0], row[1]) for row in rows]
