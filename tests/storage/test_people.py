"""People, groups, enrolments and overrides, in both databases."""

from protocol.attempt.model import Accommodation, Actor, Role
from protocol.override import Override
from storage.database import Database
from storage.enrolments import COURSE, TEST, Enrolment, Enrolments, Key
from storage.overrides import EVERY_TEST, Candidate, Granted, Overrides, Who
from storage.people import GROUP, USER, Group, People, Person
from storage.people_revisions import PeopleRevisions
from storage.sorting import Sorting
from tests.storage.making import NOW

ORG = "school"
ADA = Person("ada", "Ada", "ada@example.org", "south")
BOB = Person("bob", "Bob", None, None)


def granted(who: Who, test_id: str = "algebra", **fields: object) -> Granted:
    return Granted(who, test_id, Override(**fields), NOW, "grace", "a certificate")  # type: ignore[arg-type]


async def test_people_are_kept_replaced_and_listed(database: Database) -> None:
    people = People(database)
    for person in (BOB, ADA, Person("ada", "Ada L.", None, "north")):
        await people.put(ORG, person, NOW)
    await people.put("college", ADA, NOW)
    assert await people.get(ORG, "ada") == Person("ada", "Ada L.", None, "north")
    assert [one.user_id for one in (await people.list(ORG, Sorting(), 10)).found] == ["ada", "bob"]
    assert [one.user_id for one in (await people.list(ORG, Sorting(after=("ada",)), 1)).found] == ["bob"]
    assert (await people.remove(ORG, "ada")).done
    assert not (await people.remove(ORG, "ada")).done
    assert await people.get(ORG, "ada") is None
    assert await people.get("college", "ada") == ADA


async def test_who_leaves_the_organisation_leaves_nothing_behind(database: Database) -> None:
    people, enrolments, overrides = People(database), Enrolments(database), Overrides(database)
    await people.put(ORG, ADA, NOW)
    await people.put_group(ORG, "room", "Room 1")
    await people.join(ORG, "room", "ada")
    await enrolments.put(ORG, Key(TEST, "algebra", USER, "ada"), Enrolment())
    await overrides.put(ORG, granted(Who(USER, "ada"), extra_attempts=1))
    await people.remove(ORG, "ada")
    assert await people.members(ORG, "room", Sorting(), 10) == []
    assert await enrolments.enrolled(ORG, "algebra", None, "ada") is None
    assert await overrides.list(ORG, "algebra", Sorting(), 10) == []


async def test_groups_have_members_once(database: Database) -> None:
    people = People(database)
    assert not (await people.join(ORG, "room", "ada")).done
    await people.put_group(ORG, "room", "Room 1")
    await people.put_group(ORG, "room", "Room 2")
    await people.put_group("college", "room", "Theirs")
    for user_id in ("bob", "ada", "ada"):
        assert (await people.join(ORG, "room", user_id)).done
    assert await people.group(ORG, "room") == Group("room", "Room 2", 2)
    assert (await people.list_groups(ORG, Sorting(), 10)).found == [Group("room", "Room 2", 2)]
    assert await people.members(ORG, "room", Sorting(), 1) == ["ada"]
    assert await people.members(ORG, "room", Sorting(after=("ada",)), 9) == ["bob"]
    assert await people.groups_of(ORG, "ada") == ["room"]
    assert (await people.leave(ORG, "room", "ada")).done
    assert not (await people.leave(ORG, "room", "ada")).done
    assert (await people.remove_group(ORG, "room")).done == ["bob"]
    assert (await people.remove_group(ORG, "room")).done is False
    assert await people.groups_of(ORG, "bob") == []
    assert await people.group("college", "room") == Group("room", "Theirs", 0)


async def test_who_is_enrolled(database: Database) -> None:
    people, enrolments = People(database), Enrolments(database)
    await people.put_group(ORG, "room", "Room 1")
    await people.join(ORG, "room", "bob")
    await enrolments.put(ORG, Key(TEST, "algebra", USER, "ada"), Enrolment(b"code", None))
    await enrolments.put(ORG, Key(COURSE, "maths", USER, "ada"), Enrolment(b"other", "B"))
    await enrolments.put(ORG, Key(COURSE, "maths", GROUP, "room"), Enrolment(None, "A"))
    # Her own for the test comes before her own for the course, and both before a group's.
    assert await enrolments.enrolled(ORG, "algebra", "maths", "ada") == Enrolment(b"code", "B")
    assert await enrolments.enrolled(ORG, "algebra", None, "ada") == Enrolment(b"code", None)
    assert await enrolments.enrolled(ORG, "algebra", "maths", "bob") == Enrolment(None, "A")
    assert await enrolments.enrolled(ORG, "algebra", None, "bob") is None
    assert await enrolments.enrolled(ORG, "geometry", "maths", "bob") == Enrolment(None, "A")
    assert await enrolments.enrolled(ORG, "algebra", "maths", "eve") is None
    assert await enrolments.enrolled("college", "algebra", "maths", "ada") is None
    assert (await enrolments.remove(ORG, Key(COURSE, "maths", GROUP, "room"))).done
    assert not (await enrolments.remove(ORG, Key(COURSE, "maths", GROUP, "room"))).done
    assert await enrolments.enrolled(ORG, "algebra", "maths", "bob") is None


async def test_what_a_candidate_is_granted(database: Database) -> None:
    people, overrides = People(database), Overrides(database)
    for group in ("room", "late"):
        await people.put_group(ORG, group, group)
    for group, user_id in (("room", "ada"), ("late", "ada"), ("room", "bob")):
        await people.join(ORG, group, user_id)
    room, late, ada = Who(GROUP, "room"), Who(GROUP, "late"), Who(USER, "ada")
    await overrides.put(ORG, granted(room, EVERY_TEST, extra_time_ms=5))
    await overrides.put(ORG, granted(room, "algebra", extra_time_ms=3))
    await overrides.put(ORG, granted(late, EVERY_TEST, extra_time_ms=4, extra_attempts=2))
    await overrides.put(ORG, granted(ada, EVERY_TEST, extra_attempts=1))
    await overrides.put(ORG, granted(ada, "geometry", extra_time_ms=1))
    await overrides.put("college", granted(ada, "algebra", unlimited_time=True))
    wanted = [Candidate(test_id, user) for test_id in ("algebra", "geometry") for user in ("ada", "bob", "eve")]
    assert await overrides.accommodations(ORG, wanted) == {
        # Of one group, its override for this test beats the one for every test.
        Candidate("algebra", "ada"): Accommodation(extra_time_ms=4, extra_attempts=1),
        Candidate("algebra", "bob"): Accommodation(extra_time_ms=3),
        Candidate("algebra", "eve"): Accommodation(),
        Candidate("geometry", "ada"): Accommodation(extra_time_ms=1, extra_attempts=1),
        Candidate("geometry", "bob"): Accommodation(extra_time_ms=5),
        Candidate("geometry", "eve"): Accommodation(),
    }
    assert await overrides.accommodation_with(ORG, wanted[0], 9) == Accommodation(extra_time_ms=9, extra_attempts=1)
    assert (
        await overrides.accommodation_with(ORG, wanted[0], None)
        == (await overrides.accommodations(ORG, wanted))[wanted[0]]
    )


async def test_extra_time_replaces_what_was_said_of_the_time_alone(database: Database) -> None:
    overrides, ada = Overrides(database), Who(USER, "ada")
    await overrides.put(ORG, granted(ada, extra_time_permille=250, extra_attempts=2))
    await overrides.set_extra_time(ORG, Candidate("algebra", "ada"), 7, NOW + 1, Actor(Role.SERVICE, "hal"), "more")
    (found,) = await overrides.list(ORG, "algebra", Sorting(), 10)
    assert found == Granted(ada, "algebra", Override(extra_time_ms=7, extra_attempts=2), NOW + 1, "hal", "more")
    before = await PeopleRevisions(database).of([ORG])
    await overrides.set_extra_time(ORG, Candidate("algebra", "ada"), 7, NOW + 2, Actor(Role.SERVICE, "eve"), "again")
    assert await overrides.list(ORG, "algebra", Sorting(), 10) == [found]
    assert await PeopleRevisions(database).of([ORG]) == before


async def test_each_change_has_its_number_in_its_organisation(database: Database) -> None:
    people, overrides, revisions = People(database), Overrides(database), PeopleRevisions(database)
    enrolments, room, by = Enrolments(database), Who(GROUP, "room"), Actor(Role.SERVICE, "hal")
    key, ada = Key(TEST, "algebra", USER, "ada"), Candidate("algebra", "ada")
    assert await revisions.of([ORG]) == {}
    numbers = [
        (await people.put(ORG, ADA, NOW)).revision,
        await people.put_group(ORG, "room", "Room"),
        (await people.join(ORG, "room", "ada")).revision,
        (await people.join(ORG, "none", "ada")).revision,
        await overrides.put(ORG, granted(room, unlimited_time=True)),
        (await overrides.remove(ORG, room, "algebra")).revision,
        await overrides.set_extra_time(ORG, ada, 7, NOW, by, ""),
        await enrolments.put(ORG, key, Enrolment()),
        (await enrolments.remove(ORG, key)).revision,
        (await people.leave(ORG, "room", "ada")).revision,
        (await people.remove_group(ORG, "room")).revision,
        (await people.remove(ORG, "ada")).revision,
    ]
    assert numbers == list(range(1, 13))
    assert (await people.put("college", ADA, NOW)).revision == 1
    assert await revisions.of([ORG, "college"]) == {ORG: 12, "college": 1}
