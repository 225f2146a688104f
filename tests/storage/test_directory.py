"""People and groups as an identity provider keeps them, beside those that the organisation keeps itself."""

import pytest

from protocol.attempt.model import Actor, Role
from protocol.rules.audit import GroupChanged, PersonChanged
from protocol.rules.roster import read_roster
from protocol.scim.groups import Listed
from protocol.scim.users import Account
from storage.audit import Note
from storage.database import Database
from storage.directory import Directory, Overtaken, Strangers, Taken
from storage.people import People, Person
from storage.rosters import import_roster
from tests.storage.making import NOW, ORG

BY = Actor(Role.SERVICE, "entra")
ADA = Account(user_name="Ada@example.org", name="Ada", email="ada@example.org", external_id="00u1")


def of_person(user_id: str) -> Note:
    return Note(BY, PersonChanged(user_id), NOW)


def of_group(group_id: str) -> Note:
    return Note(BY, GroupChanged(group_id), NOW)


@pytest.fixture
async def directory(database: Database) -> Directory:
    directory = Directory(database)
    await directory.add_user(ORG, ADA, NOW, of_person(ADA.user_name))
    return directory


async def test_a_person_is_made_once_in_each_organisation(directory: Directory) -> None:
    for name in (ADA.user_name, "ada@EXAMPLE.org"):
        with pytest.raises(Taken):
            await directory.add_user(ORG, Account(user_name=name, name="x"), NOW, of_person(name))
    await directory.add_user("college", ADA, NOW, of_person(ADA.user_name))
    found = await directory.user(ORG, ADA.user_name)
    assert found is not None
    assert (found.user_id, found.account, found.groups, found.made_at_ms) == (ADA.user_name, ADA, (), NOW)
    assert await directory.user(ORG, "ada@example.org") is None, "letter case counts in an id"


async def test_whom_the_organisation_keeps_itself_is_known_by_her_id(directory: Directory, database: Database) -> None:
    await People(database).put(ORG, Person("Bob", "Robert", None, "north"), NOW)
    [bob] = await directory.users(ORG, {"userName": "bob"}, "", 10)
    assert bob.account == Account(user_name="Bob", name="Robert")
    with pytest.raises(Taken):
        await directory.add_user(ORG, Account(user_name="bob", name="x"), NOW, of_person("bob"))
    off = Account(user_name="bob@example.org", name="Robert", active=False)
    changed = await directory.change_user(ORG, bob, off, NOW, of_person("Bob"))
    assert changed is not None
    assert changed.done
    assert await People(database).get(ORG, "Bob") == Person("Bob", "Robert", None, "north"), "the branch stays"
    await People(database).put(ORG, Person("Bob", "Rob", None, None), NOW)
    [bob] = await directory.users(ORG, {"userName": "BOB@example.org"}, "", 10)
    assert bob.account == Account(user_name="bob@example.org", name="Rob", active=False), "what SCIM said stays"


async def test_a_roster_leaves_what_an_identity_provider_says(directory: Directory, database: Database) -> None:
    csv = f"id,name\n{ADA.user_name},Ada Lovelace\nEve,Eve"
    entries, mistakes = read_roster(csv, lambda text: 0, now_ms=NOW)
    assert not mistakes
    await import_roster(database, ORG, entries, "course", "maths", rules=None, now_ms=NOW, by=BY, dry_run=False)
    found = await directory.user(ORG, ADA.user_name)
    assert found is not None
    assert (found.account.external_id, found.account.name) == ("00u1", "Ada Lovelace")
    assert [one.user_id for one in await directory.users(ORG, {"userName": "eve"}, "", 10)] == ["Eve"]


async def test_people_are_found_by_what_an_index_knows_and_paged(directory: Directory) -> None:
    for number in range(3):
        name = f"user-{number}"
        await directory.add_user(ORG, Account(user_name=name, name=name), NOW, of_person(name))
    for must in ({"externalId": "00u1"}, {"id": ADA.user_name}, {"userName": "ADA@example.org", "id": ADA.user_name}):
        assert [one.user_id for one in await directory.users(ORG, must, "", 10)] == [ADA.user_name]
    assert await directory.users("college", {"externalId": "00u1"}, "", 10) == []
    assert [one.user_id for one in await directory.users(ORG, {}, "user-0", 1)] == ["user-1"]
    total, page = await directory.users_from(ORG, 2, 10)
    assert (total, [one.user_id for one in page]) == (4, ["user-1", "user-2"])
    assert await directory.users_from(ORG, 0, 0) == (4, [])


async def test_a_change_on_an_old_state_is_not_made(directory: Directory) -> None:
    before = await directory.user(ORG, ADA.user_name)
    assert before is not None
    assert await directory.change_user(ORG, before, ADA, NOW, of_person(ADA.user_name)) is None, (
        "there is nothing to do"
    )
    first, second = (Account(user_name=ADA.user_name, name=name) for name in ("One", "Two"))
    assert await directory.change_user(ORG, before, first, NOW, of_person(ADA.user_name)) is not None
    with pytest.raises(Overtaken):
        await directory.change_user(ORG, before, second, NOW, of_person(ADA.user_name))
    with pytest.raises(Overtaken):
        await directory.remove_user(ORG, before, of_person(ADA.user_name))
    now = await directory.user(ORG, ADA.user_name)
    assert now is not None
    await directory.add_user(ORG, Account(user_name="eve", name="Eve"), NOW, of_person("eve"))
    with pytest.raises(Taken):
        await directory.change_user(ORG, now, Account(user_name="EVE", name="x"), NOW, of_person(ADA.user_name))


async def test_groups_have_members_whom_somebody_knows(directory: Directory, database: Database) -> None:
    room = Listed(title="Room", external_id="g1", members=frozenset({ADA.user_name}))
    await directory.add_group(ORG, "room", room, of_group("room"))
    strangers = Listed(title="x", members=frozenset({"nobody", ADA.user_name}))
    with pytest.raises(Strangers) as raised:
        await directory.add_group(ORG, "other", strangers, of_group("other"))
    assert raised.value.user_ids == ["nobody"]
    assert await directory.group_ids(ORG) == ["room"]
    # She has been put in without being known.
    await People(database).join(ORG, "room", "stranger")
    before = await directory.group(ORG, "room")
    assert before is not None
    assert before.listed.members == {ADA.user_name, "stranger"}
    assert before.names == {ADA.user_name: "Ada"}
    renamed = Listed(title="Hall", members=frozenset({"stranger"}))
    assert await directory.change_group(ORG, before, renamed, of_group("room")) is not None
    with pytest.raises(Overtaken):
        await directory.change_group(ORG, before, room, of_group("room"))
    with pytest.raises(Overtaken):
        await directory.remove_group(ORG, before, of_group("room"))
    [found] = await directory.groups(ORG, {"members.value": "stranger"}, "", 10, with_members=True)
    assert found.listed == renamed
    for must in ({"id": "nowhere"}, {"externalId": "g1"}, {"members.value": ADA.user_name}):
        assert await directory.groups(ORG, must, "", 10, with_members=True) == []
    [bare] = await directory.groups(ORG, {}, "", 10, with_members=False)
    assert bare.listed == Listed(title="Hall")
