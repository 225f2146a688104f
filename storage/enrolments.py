"""Who may sit which test: by herself or by a group, for one test or for all tests of a course."""

from collections.abc import Collection, Sequence
from functools import partial
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, Text, and_, bindparam, delete, insert, or_, select
from sqlalchemy.sql.elements import BindParameter

from storage.audit import Note
from storage.database import Database
from storage.people import ANYBODYS, GROUP, USER, Whose
from storage.people_revisions import Changed, change
from storage.schema import enrolments, group_members, people
from storage.sorting import Sorting, ordered

TEST: Final = "test"
COURSE: Final = "course"


class Key(NamedTuple):
    """Who (`who_kind`: user or group) is enrolled for what (`to_kind`: test or course)."""

    to_kind: str
    to_id: str
    who_kind: str
    who_id: str


class Enrolment(msgspec.Struct, frozen=True):
    """`access_code_digest` stands for an access code of her own, and `form_id` is the form that she sits; nil: whatever
    the test says."""

    access_code_digest: bytes | None = None
    form_id: str | None = None


# Composed once: they are asked with every start, and to compose one takes as long as its answer.
_enrolled_c, _member_c = enrolments.c, group_members.c
_ORG: Final[BindParameter[str]] = bindparam("org")
_FOR: Final = or_(
    and_(_enrolled_c.to_kind == TEST, _enrolled_c.to_id == bindparam("test")),
    and_(_enrolled_c.to_kind == COURSE, _enrolled_c.to_id == bindparam("course", type_=Text)),
)
"""For the test, or for the course; nil: there is none."""
_HERS: Final = select(enrolments).where(
    _enrolled_c.org_id == _ORG,
    _FOR,
    or_(
        and_(_enrolled_c.who_kind == USER, _enrolled_c.who_id == bindparam("user")),
        and_(
            _enrolled_c.who_kind == GROUP,
            _enrolled_c.who_id.in_(
                select(_member_c.group_id).where(_member_c.org_id == _ORG, _member_c.user_id == bindparam("user"))
            ),
        ),
    ),
)
_OWN_OF: Final = select(enrolments, _enrolled_c.who_id.label("user_id")).where(
    _enrolled_c.org_id == _ORG,
    _FOR,
    _enrolled_c.who_kind == USER,
    _enrolled_c.who_id.in_(bindparam("users", expanding=True)),
)
_BY_GROUP_OF: Final = (
    select(enrolments, _member_c.user_id)
    .join(group_members, and_(_member_c.org_id == _enrolled_c.org_id, _member_c.group_id == _enrolled_c.who_id))
    .where(
        _enrolled_c.org_id == _ORG,
        _FOR,
        _enrolled_c.who_kind == GROUP,
        _member_c.user_id.in_(bindparam("users", expanding=True)),
    )
)


_OFF_OF: Final = select(people.c.user_id).where(
    people.c.org_id == _ORG, people.c.user_id.in_(bindparam("users", expanding=True)), people.c.off
)


class Enrolments:
    """The enrolments of every organisation."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, org_id: str, key: Key, enrolment: Enrolment, note: Note | None = None) -> int:
        """Enrols, or replaces what was said before. Returns the number of the change."""
        work = partial(put_enrolment, org_id=org_id, key=key, enrolment=enrolment)
        return (await change(self._database, org_id, work, note)).revision

    async def remove(self, org_id: str, key: Key, note: Note | None = None) -> Changed[bool]:
        """False: there was no such enrolment."""
        gone = delete(enrolments).where(_is(org_id, key))
        return await change(self._database, org_id, lambda connection: connection.execute(gone).rowcount > 0, note)

    async def list(
        self, org_id: str, to_kind: str, to_id: str, order: Sorting, limit: int, whose: Whose = ANYBODYS
    ) -> Sequence[tuple[Key, Enrolment]]:
        """Those for one test or course, in the order of (who_kind, who_id)."""
        table = enrolments.c
        query = select(enrolments).where(
            table.org_id == org_id, table.to_kind == to_kind, table.to_id == to_id, *whose.conditions(table)
        )
        query = ordered(query, [table.who_kind, table.who_id], order).limit(limit)
        rows = await self._database.for_org(org_id).read(lambda connection: connection.execute(query).all())
        return [
            (Key(row.to_kind, row.to_id, row.who_kind, row.who_id), Enrolment(row.access_code_digest, row.form_id))
            for row in rows
        ]

    async def enrolled(self, org_id: str, test_id: str, course_id: str | None, user_id: str) -> Enrolment | None:
        """Whether somebody may sit the test, which belongs to that course; None: she is not enrolled. Code and form are
        those of her own enrolment for the test, else for the course, else of her groups in the order of their ids."""
        asked = {"org": org_id, "test": test_id, "course": course_id, "user": user_id}
        rows = await self._database.for_org(org_id).read(lambda connection: connection.execute(_HERS, asked).all())
        return _together(rows) if rows else None

    async def enrolled_among(
        self, org_id: str, test_id: str, course_id: str | None, user_ids: Sequence[str]
    ) -> dict[str, Enrolment]:
        """The same for those of these users who are enrolled."""
        asked = {"org": org_id, "test": test_id, "course": course_id, "users": list(user_ids)}
        rows = await self._database.for_org(org_id).read(
            lambda connection: [
                *connection.execute(_OWN_OF, asked).all(),
                *connection.execute(_BY_GROUP_OF, asked).all(),
            ]
        )
        hers: dict[str, list[Row[Any]]] = {}
        for row in rows:
            hers.setdefault(row.user_id, []).append(row)
        return {user_id: _together(theirs) for user_id, theirs in hers.items()}

    async def off_among(self, org_id: str, user_ids: Collection[str]) -> frozenset[str]:
        """Those of these users whose accounts are switched off."""
        return await self._database.for_org(org_id).read(
            lambda connection: frozenset(
                connection.execute(_OFF_OF, {"org": org_id, "users": list(user_ids)}).scalars()
            )
        )


def _together(rows: Sequence[Row[Any]]) -> Enrolment:
    in_order = sorted(rows, key=lambda row: (row.who_kind != USER, row.to_kind != TEST, row.who_id))
    codes = (row.access_code_digest for row in in_order if row.access_code_digest is not None)
    forms = (row.form_id for row in in_order if row.form_id is not None)
    return Enrolment(next(codes, None), next(forms, None))


def put_enrolment(connection: Connection, org_id: str, key: Key, enrolment: Enrolment) -> None:
    """Enrols in a transaction, or replaces what was said before."""
    connection.execute(delete(enrolments).where(_is(org_id, key)))
    connection.execute(
        insert(enrolments).values(
            org_id=org_id,
            access_code_digest=enrolment.access_code_digest,
            form_id=enrolment.form_id,
            **key._asdict(),
        )
    )


def _is(org_id: str, key: Key) -> ColumnElement[bool]:
    table = enrolments.c
    return and_(
        table.org_id == org_id,
        table.to_kind == key.to_kind,
        table.to_id == key.to_id,
        table.who_kind == key.who_kind,
        table.who_id == key.who_id,
    )
