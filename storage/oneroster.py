"""Brings what OneRoster files say into the tables: all of it in one transaction, or nothing."""

from collections.abc import Iterable, Sequence
from typing import Final, TypeVar

import msgspec
from sqlalchemy import Column, Connection, delete, insert, select

from protocol.attempt.model import Actor
from protocol.rules.audit import AnyEntry, EnrolmentsChanged, GroupChanged, PersonChanged
from protocol.rules.oneroster import Plan
from storage import audit
from storage.database import Database
from storage.enrolments import COURSE
from storage.people import GROUP, Person, put_group, put_person, remove_group, remove_person
from storage.people_revisions import count_change
from storage.schema import enrolments, group_members, groups, people

T = TypeVar("T")

_AT_ONCE: Final = 500


class Report(msgspec.Struct, frozen=True):
    """What came of it, or (dry run) would."""

    people_made: int = 0
    people_changed: int = 0
    people_unchanged: int = 0
    people_removed: int = 0
    groups_made: int = 0
    groups_changed: int = 0
    groups_removed: int = 0
    joined: int = 0
    left: int = 0


async def import_oneroster(
    database: Database, org_id: str, plan: Plan, now_ms: int, by: Actor, *, dry_run: bool
) -> tuple[int | None, Report]:
    """Makes and changes people, groups, their members, and the enrolment of each group for its course; removes what the
    files call deleted, and nothing else. Attempts stay. The branch of a person stays as it is, and so does an address
    that the files do not have. The same files again change nothing. Returns the number of the change too; None: a dry
    run."""

    def work(connection: Connection) -> tuple[int | None, Report]:
        revision = None if dry_run else count_change(connection, org_id)
        return revision, _Import(connection, org_id, plan, now_ms, by, dry_run=dry_run).run()

    walled = database.for_org(org_id)
    return await (walled.read(work) if dry_run else walled.write(work))


class _Import:
    def __init__(
        self, connection: Connection, org_id: str, plan: Plan, now_ms: int, by: Actor, *, dry_run: bool
    ) -> None:
        self._connection = connection
        self._org_id = org_id
        self._plan = plan
        self._now_ms = now_ms
        self._by = by
        self._writes = not dry_run

    def run(self) -> Report:
        made, changed, unchanged = self._people()
        removed = self._remove_people()
        groups_made, groups_changed = self._groups()
        groups_removed = self._remove_groups()
        joined, left = self._members()
        self._enrol()
        return Report(made, changed, unchanged, removed, groups_made, groups_changed, groups_removed, joined, left)

    def _people(self) -> tuple[int, int, int]:
        known = {
            row.user_id: Person(row.user_id, row.name, row.email, row.branch_id)
            for page in _pages(list(self._plan.students))
            for row in self._connection.execute(
                select(people).where(people.c.org_id == self._org_id, people.c.user_id.in_(page))
            )
        }
        made = changed = 0
        for student in self._plan.students.values():
            was = known.get(student.user_id)
            now = Person(
                student.user_id,
                student.name,
                student.email or (None if was is None else was.email),
                None if was is None else was.branch_id,
            )
            if now == was:
                continue
            made += was is None
            changed += was is not None
            if self._writes:
                put_person(self._connection, self._org_id, now, self._now_ms)
                self._note(PersonChanged(student.user_id))
        return made, changed, len(self._plan.students) - made - changed

    def _remove_people(self) -> int:
        there = self._there(people.c.user_id, self._plan.users_gone)
        if self._writes:
            for user_id in there:
                remove_person(self._connection, self._org_id, user_id)
                self._note(PersonChanged(user_id, removed=True))
        return len(there)

    def _groups(self) -> tuple[int, int]:
        titles = {
            row.group_id: row.title
            for page in _pages(list(self._plan.classes))
            for row in self._connection.execute(
                select(groups).where(groups.c.org_id == self._org_id, groups.c.group_id.in_(page))
            )
        }
        made = changed = 0
        for one in self._plan.classes.values():
            if titles.get(one.group_id) == one.title:
                continue
            made += one.group_id not in titles
            changed += one.group_id in titles
            if self._writes:
                put_group(self._connection, self._org_id, one.group_id, one.title)
                self._note(GroupChanged(one.group_id))
        return made, changed

    def _remove_groups(self) -> int:
        there = self._there(groups.c.group_id, self._plan.classes_gone)
        if self._writes:
            for group_id in there:
                remove_group(self._connection, self._org_id, group_id)
                self._note(GroupChanged(group_id, removed=True))
        return len(there)

    def _members(self) -> tuple[int, int]:
        member = group_members.c
        asked = sorted({group_id for group_id, _ in self._plan.members | self._plan.members_gone})
        are = {
            (row.group_id, row.user_id)
            for page in _pages(asked)
            for row in self._connection.execute(
                select(group_members).where(member.org_id == self._org_id, member.group_id.in_(page))
            )
        }
        join, leave = sorted(self._plan.members - are), sorted(self._plan.members_gone & are)
        if self._writes:
            rows = [{"org_id": self._org_id, "group_id": group_id, "user_id": user_id} for group_id, user_id in join]
            for page in _pages(rows):
                self._connection.execute(insert(group_members), page)
            for group_id, user_id in leave:
                self._connection.execute(
                    delete(group_members).where(
                        member.org_id == self._org_id, member.group_id == group_id, member.user_id == user_id
                    )
                )
            for group_id in sorted({group_id for group_id, _ in (*join, *leave)}):
                self._note(GroupChanged(group_id))
        return len(join), len(leave)

    def _enrol(self) -> None:
        """Each group for its course, beside what it is enrolled for already."""
        wanted = {(one.course_id, one.group_id) for one in self._plan.classes.values() if one.course_id is not None}
        table = enrolments.c
        are = {
            (row.to_id, row.who_id)
            for page in _pages(sorted(self._plan.classes))
            for row in self._connection.execute(
                select(enrolments).where(
                    table.org_id == self._org_id,
                    table.to_kind == COURSE,
                    table.who_kind == GROUP,
                    table.who_id.in_(page),
                )
            )
        }
        of = {"org_id": self._org_id, "to_kind": COURSE, "who_kind": GROUP}
        rows = [of | {"to_id": course_id, "who_id": group_id} for course_id, group_id in sorted(wanted - are)]
        if rows and self._writes:
            self._connection.execute(insert(enrolments), rows)
            for row in rows:
                self._note(EnrolmentsChanged(COURSE, row["to_id"], GROUP, row["who_id"]))

    def _there(self, column: Column[str], ids: Iterable[str]) -> list[str]:
        return [
            found
            for page in _pages(sorted(ids))
            for found in self._connection.execute(
                select(column).where(column.table.c.org_id == self._org_id, column.in_(page))
            ).scalars()
        ]

    def _note(self, entry: AnyEntry) -> None:
        audit.append(self._connection, self._org_id, self._by, entry, self._now_ms)


def _pages(items: Sequence[T]) -> Iterable[Sequence[T]]:
    return (items[begin : begin + _AT_ONCE] for begin in range(0, len(items), _AT_ONCE))
