"""People and groups as an identity provider keeps them (SCIM). Each call names an organisation."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, Select, and_, delete, func, insert, or_, select, update

from protocol.scim.groups import Listed
from protocol.scim.users import Account, folded
from storage.audit import Note
from storage.database import Database
from storage.people import remove_group, remove_person
from storage.people_revisions import Changed, change
from storage.schema import group_members, groups, people

_AT_ONCE: Final = 500
Must = Mapping[str, str]
"""Attribute → what it must equal, as `protocol.scim.showing.must_equal` finds it."""


class Known(msgspec.Struct, frozen=True):
    """A person, with the groups that she is in: (id, title)."""

    user_id: str
    account: Account
    groups: tuple[tuple[str, str], ...]
    made_at_ms: int | None
    changed_at_ms: int


class KnownGroup(msgspec.Struct, frozen=True):
    """A group. `names`: members → what they are called, of those who are known."""

    group_id: str
    listed: Listed
    names: Mapping[str, str]


class Taken(Exception):
    """Somebody else has this name already."""


class Strangers(Exception):
    """Of these nobody is known here, and they are not in the group yet."""

    def __init__(self, user_ids: Sequence[str]) -> None:
        super().__init__(", ".join(user_ids))
        self.user_ids = user_ids


class Overtaken(Exception):
    """Somebody has changed it meanwhile."""


class Directory:
    """The people and groups of every organisation."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # People

    async def user(self, org_id: str, user_id: str) -> Known | None:
        """The person; None: nobody is known by this id."""
        return await self._database.for_org(org_id).read(lambda connection: _user(connection, org_id, user_id))

    async def users(self, org_id: str, must: Must, after: str, limit: int) -> Sequence[Known]:
        """Those who may fit, in the order of their ids, behind `after`."""
        query = _users_where(select(people), org_id, must).where(people.c.user_id > after)
        query = query.order_by(people.c.user_id).limit(limit)
        return await self._database.for_org(org_id).read(lambda connection: _users(connection, org_id, query))

    async def users_from(self, org_id: str, skip: int, limit: int) -> tuple[int, Sequence[Known]]:
        """How many people there are, and some of them, in the order of their ids."""
        query = select(people).where(people.c.org_id == org_id).order_by(people.c.user_id).offset(skip).limit(limit)
        count = select(func.count()).select_from(people).where(people.c.org_id == org_id)
        return await self._database.for_org(org_id).read(
            lambda connection: (
                int(connection.execute(count).scalar_one()),
                _users(connection, org_id, query) if limit else [],
            )
        )

    async def add_user(self, org_id: str, account: Account, now_ms: int, note: Note) -> Changed[bool]:
        """The name of the user becomes her id. Raises `Taken`."""

        def work(connection: Connection) -> bool:
            user_id = account.user_name
            _check_free(connection, org_id, account.user_name, None)
            if _user(connection, org_id, user_id) is not None:
                raise Taken
            made = {"org_id": org_id, "user_id": user_id, "made_at_ms": now_ms, "branch_id": None}
            connection.execute(insert(people).values(made | _columns(account, now_ms)))
            return True

        return await change(self._database, org_id, work, note)

    async def change_user(
        self, org_id: str, before: Known, account: Account, now_ms: int, note: Note
    ) -> Changed[bool] | None:
        """None: nothing is to be changed. Raises `Taken`, and `Overtaken` where `before` is not how it is any more."""
        if account == before.account:
            return None

        def work(connection: Connection) -> bool:
            if _user(connection, org_id, before.user_id) != before:
                raise Overtaken
            if folded(account.user_name) != folded(before.account.user_name):
                _check_free(connection, org_id, account.user_name, before.user_id)
            hers = people.c.org_id == org_id, people.c.user_id == before.user_id
            connection.execute(update(people).where(*hers).values(_columns(account, now_ms)))
            return True

        return await change(self._database, org_id, work, note)

    async def remove_user(self, org_id: str, before: Known, note: Note) -> Changed[bool]:
        """Takes the person out of the organisation, as `People.remove` does. Raises `Overtaken` as `change_user`
        does."""

        def work(connection: Connection) -> bool:
            if _user(connection, org_id, before.user_id) != before:
                raise Overtaken
            remove_person(connection, org_id, before.user_id)
            return True

        return await change(self._database, org_id, work, note)

    # Groups

    async def group(self, org_id: str, group_id: str) -> KnownGroup | None:
        """The group with all its members; None: there is none of this id."""
        return await self._database.for_org(org_id).read(lambda connection: _group(connection, org_id, group_id))

    async def groups(
        self, org_id: str, must: Must, after: str, limit: int, *, with_members: bool
    ) -> Sequence[KnownGroup]:
        """Those that may fit, in the order of their ids, behind `after`."""
        query = select(groups).where(groups.c.org_id == org_id, groups.c.group_id > after)
        if "id" in must:
            query = query.where(groups.c.group_id == must["id"])
        if "externalId" in must:
            query = query.where(groups.c.external_id == must["externalId"])
        if "members.value" in must:
            member = group_members.c
            hers = select(member.group_id).where(member.org_id == org_id, member.user_id == must["members.value"])
            query = query.where(groups.c.group_id.in_(hers))
        query = query.order_by(groups.c.group_id).limit(limit)

        def work(connection: Connection) -> list[KnownGroup]:
            rows = connection.execute(query).all()
            return [_known_group(connection, org_id, row, with_members=with_members) for row in rows]

        return await self._database.for_org(org_id).read(work)

    async def group_ids(self, org_id: str) -> Sequence[str]:
        """The ids of all groups, in their order."""
        query = select(groups.c.group_id).where(groups.c.org_id == org_id).order_by(groups.c.group_id)
        return await self._database.for_org(org_id).read(lambda connection: connection.execute(query).scalars().all())

    async def add_group(self, org_id: str, group_id: str, listed: Listed, note: Note) -> Changed[bool]:
        """Raises `Strangers`."""

        def work(connection: Connection) -> bool:
            _check_known(connection, org_id, listed.members)
            row = {"org_id": org_id, "group_id": group_id, "title": listed.title, "external_id": listed.external_id}
            connection.execute(insert(groups).values(row))
            _join(connection, org_id, group_id, listed.members)
            return True

        return await change(self._database, org_id, work, note)

    async def change_group(self, org_id: str, before: KnownGroup, listed: Listed, note: Note) -> Changed[bool] | None:
        """None: nothing is to be changed. Raises `Strangers`, and `Overtaken` where `before` is not how it is any
        more."""
        if listed == before.listed:
            return None

        def work(connection: Connection) -> bool:
            found = _group(connection, org_id, before.group_id)
            if found is None or found.listed != before.listed:
                raise Overtaken
            come, gone = listed.members - before.listed.members, before.listed.members - listed.members
            _check_known(connection, org_id, come)
            its = groups.c.org_id == org_id, groups.c.group_id == before.group_id
            values = {"title": listed.title, "external_id": listed.external_id}
            connection.execute(update(groups).where(*its).values(values))
            _join(connection, org_id, before.group_id, come)
            member = group_members.c
            for page in _pages(gone):
                connection.execute(
                    delete(group_members).where(
                        member.org_id == org_id, member.group_id == before.group_id, member.user_id.in_(page)
                    )
                )
            return True

        return await change(self._database, org_id, work, note)

    async def remove_group(self, org_id: str, before: KnownGroup, note: Note) -> Changed[bool]:
        """Removes the group, as `People.remove_group` does. Raises `Overtaken` as `change_group` does."""

        def work(connection: Connection) -> bool:
            found = _group(connection, org_id, before.group_id)
            if found is None or found.listed != before.listed:
                raise Overtaken
            remove_group(connection, org_id, before.group_id)
            return True

        return await change(self._database, org_id, work, note)


# In a transaction


def _user(connection: Connection, org_id: str, user_id: str) -> Known | None:
    found = _users(connection, org_id, select(people).where(people.c.org_id == org_id, people.c.user_id == user_id))
    return found[0] if found else None


def _users(connection: Connection, org_id: str, query: Select[Any]) -> list[Known]:
    rows = connection.execute(query).all()
    in_groups: dict[str, list[tuple[str, str]]] = {row.user_id: [] for row in rows}
    group, member = groups.c, group_members.c
    for page in _pages(in_groups):
        theirs = (
            select(member.user_id, group.group_id, group.title)
            .join(group_members, and_(member.org_id == group.org_id, member.group_id == group.group_id))
            .where(group.org_id == org_id, member.user_id.in_(page))
            .order_by(group.group_id)
        )
        for user_id, group_id, title in connection.execute(theirs):
            in_groups[user_id].append((group_id, title))
    return [
        Known(row.user_id, _account(row), tuple(in_groups[row.user_id]), row.made_at_ms, row.changed_at_ms)
        for row in rows
    ]


def _account(row: Row[Any]) -> Account:
    return Account(
        user_name=row.user_name or row.user_id,
        name=row.name,
        email=row.email,
        external_id=row.external_id,
        given_name=row.given_name,
        family_name=row.family_name,
        active=not row.off,
    )


def _columns(account: Account, now_ms: int) -> dict[str, Any]:
    return {
        "name": account.name,
        "email": account.email,
        "user_name": account.user_name,
        "user_name_key": folded(account.user_name),
        "external_id": account.external_id,
        "given_name": account.given_name,
        "family_name": account.family_name,
        "off": not account.active,
        "changed_at_ms": now_ms,
    }


def _is_called(user_name: str) -> ColumnElement[bool]:
    table = people.c
    return or_(
        table.user_name_key == folded(user_name), and_(table.user_name_key.is_(None), table.user_id == user_name)
    )


def _users_where(query: Select[Any], org_id: str, must: Must) -> Select[Any]:
    query = query.where(people.c.org_id == org_id)
    if "id" in must:
        query = query.where(people.c.user_id == must["id"])
    if "userName" in must:
        query = query.where(_is_called(must["userName"]))
    if "externalId" in must:
        query = query.where(people.c.external_id == must["externalId"])
    return query


def _check_free(connection: Connection, org_id: str, user_name: str, own_id: str | None) -> None:
    """Raises `Taken`."""
    query = select(people.c.user_id).where(people.c.org_id == org_id, _is_called(user_name))
    if any(user_id != own_id for user_id in connection.execute(query).scalars()):
        raise Taken


def _group(connection: Connection, org_id: str, group_id: str) -> KnownGroup | None:
    row = connection.execute(select(groups).where(groups.c.org_id == org_id, groups.c.group_id == group_id)).first()
    return None if row is None else _known_group(connection, org_id, row, with_members=True)


def _known_group(connection: Connection, org_id: str, row: Row[Any], *, with_members: bool) -> KnownGroup:
    member, person = group_members.c, people.c
    query = (
        select(member.user_id, person.name)
        .outerjoin(people, and_(person.org_id == member.org_id, person.user_id == member.user_id))
        .where(member.org_id == org_id, member.group_id == row.group_id)
    )
    rows = connection.execute(query).all() if with_members else []
    found = {one.user_id: one.name for one in rows}
    listed = Listed(title=row.title, external_id=row.external_id, members=frozenset(found))
    return KnownGroup(row.group_id, listed, {user_id: name for user_id, name in found.items() if name is not None})


def _check_known(connection: Connection, org_id: str, user_ids: Collection[str]) -> None:
    """Raises `Strangers`."""
    known: set[str] = set()
    for page in _pages(user_ids):
        query = select(people.c.user_id).where(people.c.org_id == org_id, people.c.user_id.in_(page))
        known |= set(connection.execute(query).scalars())
    unknown = sorted(set(user_ids) - known)
    if unknown:
        raise Strangers(unknown)


def _join(connection: Connection, org_id: str, group_id: str, user_ids: Iterable[str]) -> None:
    for page in _pages(user_ids):
        rows = [{"org_id": org_id, "group_id": group_id, "user_id": user_id} for user_id in page]
        connection.execute(insert(group_members), rows)


def _pages(items: Iterable[str]) -> Iterable[list[str]]:
    in_order = sorted(items)
    return (in_order[begin : begin + _AT_ONCE] for begin in range(0, len(in_order), _AT_ONCE))
