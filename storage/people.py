"""Who there is, and who is in which group. Each call names an organisation."""

from collections.abc import Callable, Collection, Sequence
from itertools import groupby
from typing import Any, Final, Literal

import msgspec
from sqlalchemy import ColumnElement, Connection, Select, delete, func, insert, select, update

from protocol.rules.scope import WHOLE, TokenScope
from storage.audit import Note
from storage.database import Database
from storage.people_revisions import Changed, change
from storage.placing import place
from storage.schema import enrolments, group_members, groups, overrides, people, test_attempts
from storage.scoping import in_scope
from storage.sorting import Part, Place, Sorting, found_by, ordered

USER: Final = "user"
GROUP: Final = "group"


class Person(msgspec.Struct, frozen=True):
    """Somebody of the organisation."""

    user_id: str
    name: str
    email: str | None
    branch_id: str | None


class Group(msgspec.Struct, frozen=True):
    """A group, and how many are in it."""

    group_id: str
    title: str
    member_total: int


class PersonState(msgspec.Struct, frozen=True):
    """A person with the ids of her groups. `active`: her account is not switched off."""

    person: Person
    groups: tuple[str, ...]
    active: bool


class WantedPeople(msgspec.Struct, frozen=True):
    """Which people are meant: those who fit all that is not nil, and have each of `words` in name, id or address, as
    `searchable` writes them. `since_ms`: what is known of them was changed then or later."""

    words: Sequence[str] = ()
    group_id: str | None = None
    branch_id: str | None = None
    active: bool | None = None
    since_ms: int | None = None

    def conditions(self, org_id: str) -> list[ColumnElement[bool]]:
        """What is true of their rows; the words are not looked at."""
        person, member = people.c, group_members.c
        true: list[ColumnElement[bool]] = []
        if self.group_id is not None:
            theirs = select(member.user_id).where(member.org_id == org_id, member.group_id == self.group_id)
            true.append(person.user_id.in_(theirs))
        if self.branch_id is not None:
            true.append(person.branch_id == self.branch_id)
        if self.active is not None:
            true.append(person.off.is_(not self.active))
        if self.since_ms is not None:
            true.append(person.changed_at_ms >= self.since_ms)
        return true


EVERYBODY: Final = WantedPeople()


class Whose(msgspec.Struct, frozen=True):
    """Whose enrolments or overrides are meant: those that fit all that is not nil."""

    kind: str | None = None
    user_id: str | None = None
    group_id: str | None = None

    def conditions(self, table: Any) -> list[ColumnElement[bool]]:
        """What is true of their rows in a table with `who_kind` and `who_id`."""
        true: list[ColumnElement[bool]] = []
        if self.kind is not None:
            true.append(table.who_kind == self.kind)
        for kind, who_id in ((USER, self.user_id), (GROUP, self.group_id)):
            if who_id is not None:
                true += [table.who_kind == kind, table.who_id == who_id]
        return true


ANYBODYS: Final = Whose()


class Sat(msgspec.Struct, frozen=True):
    """A group, and those of its members who have an attempt at a test."""

    group_id: str
    title: str
    user_ids: tuple[str, ...]


class People:
    """People and groups of every organisation."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # People

    async def put(
        self,
        org_id: str,
        person: Person,
        now_ms: int,
        note: Note | None = None,
        *,
        active: bool | None = None,
        check: Callable[[PersonState | None], None] | None = None,
    ) -> Changed[PersonState]:
        """Adds the person, or replaces what is known of her; `active` None: her account stays on or off. `check` is
        given what is known before, and may refuse by what it raises."""

        def work(connection: Connection) -> PersonState:
            if check is not None:
                check(person_state(connection, org_id, person.user_id))
            put_person(connection, org_id, person, now_ms)
            if active is not None:
                hers = people.c.org_id == org_id, people.c.user_id == person.user_id
                connection.execute(update(people).where(*hers).values(off=not active))
            state = person_state(connection, org_id, person.user_id)
            assert state is not None
            return state

        return await change(self._database, org_id, work, note)

    async def state(self, org_id: str, user_id: str) -> PersonState | None:
        """The person with what belongs to her; None: nobody is known by this id."""
        return await self._database.for_org(org_id).read(lambda connection: person_state(connection, org_id, user_id))

    async def get(self, org_id: str, user_id: str) -> Person | None:
        """The person; None: nobody is known by this id."""
        table = people.c
        query = select(table.user_id, table.name, table.email, table.branch_id).where(
            table.org_id == org_id, table.user_id == user_id
        )
        row = await self._database.for_org(org_id).read(lambda connection: connection.execute(query).first())
        return None if row is None else Person(*row)

    async def of(self, org_id: str, user_ids: Sequence[str]) -> dict[str, Person]:
        """Those of these people of whom something is known."""
        table = people.c
        query = select(table.user_id, table.name, table.email, table.branch_id).where(
            table.org_id == org_id, table.user_id.in_(user_ids)
        )
        rows = await self._database.for_org(org_id).read(lambda connection: connection.execute(query).all())
        return {row.user_id: Person(*row) for row in rows}

    async def branch_of(self, org_id: str, user_id: str) -> str | None:
        """The branch of a person; None: nobody has said."""
        query = select(people.c.branch_id).where(people.c.org_id == org_id, people.c.user_id == user_id)
        return await self._database.for_org(org_id).read(lambda connection: connection.execute(query).scalar())

    async def list(self, org_id: str, order: Sorting, limit: int, wanted: WantedPeople = EVERYBODY) -> Part[Person]:
        """By their ids, or first by their names; those who are wanted."""
        table = people.c
        first = [table.name] if order.by == "name" else []
        query = select(table.user_id, table.name, table.email, table.branch_id).where(
            table.org_id == org_id, *wanted.conditions(org_id)
        )

        async def page(after: Place | None, most: int) -> Sequence[Person]:
            part = ordered(query, [*first, table.user_id], order._replace(after=after)).limit(most)
            rows = await self._database.for_org(org_id).read(lambda connection: connection.execute(part).all())
            return [Person(*row) for row in rows]

        def place(one: Person) -> Place:
            return (one.name, one.user_id) if first else (one.user_id,)

        return await found_by(
            wanted.words, page, lambda one: f"{one.name} {one.user_id} {one.email or ''}", place, order.after, limit
        )

    async def remove(
        self,
        org_id: str,
        user_id: str,
        note: Note | None = None,
        check: Callable[[PersonState | None], None] | None = None,
    ) -> Changed[bool]:
        """Takes the person out of the organisation: out of her groups, with her enrolments and overrides. Attempts
        stay. False: nothing was known of her. `check` as in `put`."""

        def work(connection: Connection) -> bool:
            if check is not None:
                check(person_state(connection, org_id, user_id))
            return any(remove_person(connection, org_id, user_id).values())

        return await change(self._database, org_id, work, note)

    # Groups

    async def put_group(
        self,
        org_id: str,
        group_id: str,
        title: str,
        note: Note | None = None,
        check: Callable[[Group | None], None] | None = None,
    ) -> int:
        """Adds the group, or gives it another title. `check` is given what is there before, and may refuse by what it
        raises. Returns the number of the change."""

        def work(connection: Connection) -> None:
            if check is not None:
                check(_group(connection, org_id, group_id))
            put_group(connection, org_id, group_id, title)

        return (await change(self._database, org_id, work, note)).revision

    async def group(self, org_id: str, group_id: str) -> Group | None:
        """The group; None: there is none of this id."""
        return await self._database.for_org(org_id).read(lambda connection: _group(connection, org_id, group_id))

    async def list_groups(
        self, org_id: str, order: Sorting, limit: int, words: Sequence[str] = (), user_id: str | None = None
    ) -> Part[Group]:
        """By their ids, or first by their titles; those that have each of the words in title or id, and `user_id` in
        them."""
        table = groups.c
        first = [table.title] if order.by == "title" else []
        query = _groups(org_id)
        if user_id is not None:
            hers = group_members.c
            theirs = select(hers.group_id).where(hers.org_id == org_id, hers.user_id == user_id)
            query = query.where(table.group_id.in_(theirs))

        async def page(after: Place | None, most: int) -> Sequence[Group]:
            part = ordered(query, [*first, table.group_id], order._replace(after=after)).limit(most)
            rows = await self._database.for_org(org_id).read(lambda connection: connection.execute(part).all())
            return [Group(*row) for row in rows]

        def place(one: Group) -> Place:
            return (one.title, one.group_id) if first else (one.group_id,)

        return await found_by(words, page, lambda one: f"{one.title} {one.group_id}", place, order.after, limit)

    async def remove_group(
        self, org_id: str, group_id: str, note: Note | None = None, check: Callable[[Group | None], None] | None = None
    ) -> Changed[Sequence[str] | Literal[False]]:
        """Removes the group with its members, enrolments and overrides. Returns the users who were in it; False: there
        was no such group. `check` as in `put_group`."""

        def work(connection: Connection) -> Sequence[str] | Literal[False]:
            if check is not None:
                check(_group(connection, org_id, group_id))
            return remove_group(connection, org_id, group_id)

        return await change(self._database, org_id, work, note)

    # Members

    async def join(self, org_id: str, group_id: str, user_id: str, note: Note | None = None) -> Changed[bool]:
        """Puts somebody into a group. False: there is no such group."""

        def work(connection: Connection) -> bool:
            known = select(groups.c.group_id).where(groups.c.org_id == org_id, groups.c.group_id == group_id)
            if connection.execute(known).first() is None:
                return False
            join(connection, org_id, group_id, user_id)
            return True

        return await change(self._database, org_id, work, note)

    async def leave(self, org_id: str, group_id: str, user_id: str, note: Note | None = None) -> Changed[bool]:
        """Takes somebody out of a group. False: she was not in it."""

        def work(connection: Connection) -> bool:
            member = group_members.c
            gone = delete(group_members).where(
                member.org_id == org_id, member.group_id == group_id, member.user_id == user_id
            )
            return connection.execute(gone).rowcount > 0

        return await change(self._database, org_id, work, note)

    async def members(
        self, org_id: str, group_id: str, order: Sorting, limit: int, branch_id: str | None = None
    ) -> Sequence[str]:
        """The users in a group, in the order of their ids; those of a branch."""
        member, person = group_members.c, people.c
        query = select(member.user_id).where(member.org_id == org_id, member.group_id == group_id)
        if branch_id is not None:
            of_branch = select(person.user_id).where(person.org_id == org_id, person.branch_id == branch_id)
            query = query.where(member.user_id.in_(of_branch))
        query = ordered(query, [member.user_id], order).limit(limit)
        return await self._database.for_org(org_id).read(lambda connection: connection.execute(query).scalars().all())

    async def in_any(self, org_id: str, group_ids: Collection[str]) -> frozenset[str]:
        """All users who are in one of these groups at least."""
        member = group_members.c
        query = select(member.user_id).where(member.org_id == org_id, member.group_id.in_(group_ids))
        return await self._database.for_org(org_id).read(
            lambda connection: frozenset(connection.execute(query).scalars())
        )

    async def groups_at(self, org_id: str, test_id: str, scope: TokenScope = WHOLE) -> Sequence[Sat]:
        """The groups of all who have an attempt at the test in `scope`, in the order of their ids; to a token of some
        groups no other ones are named."""
        group, member = groups.c, group_members.c
        sits = (test_attempts.c.org_id == org_id, test_attempts.c.test_id == test_id, in_scope(org_id, scope))
        query = (
            select(group.group_id, group.title, member.user_id)
            .join(group_members, (member.org_id == group.org_id) & (member.group_id == group.group_id))
            .where(group.org_id == org_id, member.user_id.in_(select(test_attempts.c.user_id).where(*sits)))
            .order_by(group.group_id, member.user_id)
        )
        if scope.groups is not None:
            query = query.where(group.group_id.in_(scope.groups))
        rows = await self._database.for_org(org_id).read(lambda connection: connection.execute(query).all())
        by_group = groupby(rows, key=lambda row: (row.group_id, row.title))
        return [Sat(*group, tuple(row.user_id for row in found)) for group, found in by_group]

    async def groups_of(self, org_id: str, user_id: str) -> Sequence[str]:
        """The groups that somebody is in, in the order of their ids."""
        return await self._database.for_org(org_id).read(lambda connection: groups_of(connection, org_id, user_id))


# In a transaction


def person_state(connection: Connection, org_id: str, user_id: str) -> PersonState | None:
    """The person with what belongs to her; None: nobody is known by this id."""
    table = people.c
    query = select(table.user_id, table.name, table.email, table.branch_id, table.off).where(
        table.org_id == org_id, table.user_id == user_id
    )
    row = connection.execute(query).first()
    if row is None:
        return None
    *of_hers, off = row
    return PersonState(Person(*of_hers), tuple(groups_of(connection, org_id, user_id)), not off)


def _groups(org_id: str) -> Select[Any]:
    table, member = groups.c, group_members.c
    return (
        select(table.group_id, table.title, func.count(member.user_id))
        .outerjoin(group_members, (member.org_id == table.org_id) & (member.group_id == table.group_id))
        .where(table.org_id == org_id)
        .group_by(table.group_id, table.title)
    )


def _group(connection: Connection, org_id: str, group_id: str) -> Group | None:
    row = connection.execute(_groups(org_id).where(groups.c.group_id == group_id)).first()
    return None if row is None else Group(*row)


def put_person(connection: Connection, org_id: str, person: Person, now_ms: int) -> None:
    """Adds the person, or replaces what is known of her."""
    values = {"name": person.name, "email": person.email, "branch_id": person.branch_id, "changed_at_ms": now_ms}
    found = update(people).where(people.c.org_id == org_id, people.c.user_id == person.user_id).values(values)
    if connection.execute(found).rowcount == 0:
        connection.execute(insert(people).values(org_id=org_id, user_id=person.user_id, **values))
    if person.branch_id is not None:
        place(connection, org_id, {person.user_id: person.branch_id})


def put_group(connection: Connection, org_id: str, group_id: str, title: str) -> None:
    """Adds the group, or gives it another title."""
    found = update(groups).where(groups.c.org_id == org_id, groups.c.group_id == group_id).values(title=title)
    if connection.execute(found).rowcount == 0:
        connection.execute(insert(groups).values(org_id=org_id, group_id=group_id, title=title))


def remove_group(connection: Connection, org_id: str, group_id: str) -> Sequence[str] | Literal[False]:
    """Removes the group with its members, enrolments and overrides. Returns the users who were in it; False: there was
    no such group."""
    _remove_granted(connection, org_id, GROUP, group_id)
    member = group_members.c
    members = select(member.user_id).where(member.org_id == org_id, member.group_id == group_id)
    user_ids = connection.execute(members).scalars().all()
    gone = [
        connection.execute(delete(table).where(table.c.org_id == org_id, table.c.group_id == group_id)).rowcount
        for table in (group_members, groups)
    ]
    return user_ids if gone[-1] > 0 else False


def join(connection: Connection, org_id: str, group_id: str, user_id: str) -> None:
    """Puts somebody into a group, where she is not in it yet."""
    member = group_members.c
    key = {"org_id": org_id, "group_id": group_id, "user_id": user_id}
    found = select(member.user_id).where(
        member.org_id == org_id, member.group_id == group_id, member.user_id == user_id
    )
    if connection.execute(found).first() is None:
        connection.execute(insert(group_members).values(key))


def groups_of(connection: Connection, org_id: str, user_id: str) -> Sequence[str]:
    """The groups that somebody is in."""
    member = group_members.c
    query = select(member.group_id).where(member.org_id == org_id, member.user_id == user_id)
    return connection.execute(query.order_by(member.group_id)).scalars().all()


def remove_person(connection: Connection, org_id: str, user_id: str) -> dict[str, int]:
    """Removes all rows about the person: table → how many they were."""
    gone = _remove_granted(connection, org_id, USER, user_id)
    for table in (group_members, people):
        mine = delete(table).where(table.c.org_id == org_id, table.c.user_id == user_id)
        gone[table.name] = connection.execute(mine).rowcount
    return gone


def _remove_granted(connection: Connection, org_id: str, who_kind: str, who_id: str) -> dict[str, int]:
    gone: dict[str, int] = {}
    for table in (enrolments, overrides):
        theirs = delete(table).where(table.c.org_id == org_id, table.c.who_kind == who_kind, table.c.who_id == who_id)
        gone[table.name] = connection.execute(theirs).rowcount
    return gone
