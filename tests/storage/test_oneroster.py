"""OneRoster sets are imported whole, again without harm, or not at all."""

from msgspec.structs import replace

from protocol.attempt.model import Actor, Role
from protocol.rules.oneroster import Plan, read_oneroster
from storage.audit import Audit
from storage.database import Database
from storage.enrolments import COURSE, Enrolments
from storage.oneroster import Report, import_oneroster
from storage.people import GROUP, People, Person
from storage.sorting import Sorting
from tests.protocol.rules.test_oneroster import SET
from tests.storage.making import NOW, ORG

BY = Actor(Role.SERVICE, "sis")


def plan() -> Plan:
    found, _ = read_oneroster(SET)
    assert found is not None
    return found


async def imported(database: Database, what: Plan, *, dry_run: bool = False) -> Report:
    return (await import_oneroster(database, ORG, what, NOW, BY, dry_run=dry_run))[1]


async def test_a_set_is_imported_and_again_changes_nothing(database: Database) -> None:
    people, enrolments = People(database), Enrolments(database)
    await people.put(ORG, Person("bob", "Robert", "bob@example.org", "north"), NOW)
    await people.put(ORG, Person("eve", "Eve", None, None), NOW)
    for group_id in ("hist", "old"):
        await people.put_group(ORG, group_id, "Before")
        await people.join(ORG, group_id, "ada")
    told = Report(
        people_made=1,
        people_changed=1,
        people_removed=1,
        groups_made=1,
        groups_changed=1,
        groups_removed=1,
        joined=2,
        left=1,
    )
    assert await imported(database, plan(), dry_run=True) == told
    assert await people.get(ORG, "ada") is None, "a dry run changes nothing"
    assert await imported(database, plan()) == told
    assert await people.get(ORG, "ada") == Person("ada", "Ada Lovelace", "ada@example.org", None)
    assert await people.get(ORG, "bob") == Person("bob", "Bob Boyle", "bob@example.org", "north"), (
        "what a file lacks stays"
    )
    assert await people.get(ORG, "eve") is None
    assert await people.get(ORG, "tom") is None, "teachers sit no tests"
    assert [one.group_id for one in (await people.list_groups(ORG, Sorting(), 10)).found] == ["hist", "phys"]
    assert await people.members(ORG, "phys", Sorting(), 10) == ["ada", "bob"]
    assert await people.members(ORG, "hist", Sorting(), 10) == []
    [(key, _)] = await enrolments.list(ORG, COURSE, "p101", Sorting(), 10)
    assert (key.who_kind, key.who_id) == (GROUP, "phys")
    heads = await Audit(database).heads(0)
    assert await imported(database, plan()) == Report(people_unchanged=2)
    assert await Audit(database).heads(0) == heads
    assert (await imported(database, replace(plan(), members=frozenset()))).left == 0, "nobody goes for being left out"
