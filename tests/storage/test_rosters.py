"""A roster is imported whole, again without harm, or not at all."""

from collections.abc import Sequence
from typing import Any, Final

import pytest

from protocol.attempt.model import Accommodation, Actor, Role
from protocol.content import Rules
from protocol.override import Override
from protocol.rules.access_codes import digest_of_code
from protocol.rules.roster import read_roster
from server.instants import read_instant
from storage.database import Database
from storage.enrolments import COURSE, TEST, Enrolment, Enrolments
from storage.overrides import EVERY_TEST, Candidate, Granted, Overrides, Who
from storage.people import GROUP, USER, People, Person
from storage.people_revisions import PeopleRevisions
from storage.rosters import Contradicted, Report, import_roster
from storage.sorting import Sorting
from tests.storage.making import NOW

ORG = "school"
GRACE = Actor(Role.INSTRUCTOR, "grace")
ROSTER = """\
id,name,group,extra_minutes,access_code
ada,Ada,"room;late",15,moon
bob,Bob,room,,
"""


async def imported(
    database: Database,
    text: str,
    to: Sequence[str] = (TEST, "algebra"),
    *,
    rules: Rules | None = None,
    dry_run: bool = False,
    now_ms: int = NOW,
) -> Report:
    entries, mistakes = read_roster(text, read_instant)
    assert mistakes == []
    to_kind, to_id = to
    return await import_roster(
        database, ORG, entries, to_kind, to_id, rules=rules, now_ms=now_ms, by=GRACE, dry_run=dry_run
    )


async def test_everything_is_there_and_again_changes_nothing(database: Database) -> None:
    assert await imported(database, ROSTER, dry_run=True) == Report(2, 0, 0, None)
    assert await PeopleRevisions(database).of([ORG]) == {}
    assert (await People(database).list(ORG, Sorting(), 10)).found == []
    assert await imported(database, ROSTER) == Report(2, 0, 0, 1)
    people, enrolments, overrides = People(database), Enrolments(database), Overrides(database)
    assert (await people.list(ORG, Sorting(), 10)).found == [
        Person("ada", "Ada", None, None),
        Person("bob", "Bob", None, None),
    ]
    assert await people.groups_of(ORG, "ada") == ["late", "room"]
    assert [
        (one.group_id, one.title, one.member_total) for one in (await people.list_groups(ORG, Sorting(), 10)).found
    ] == [
        ("late", "late", 1),
        ("room", "room", 2),
    ]
    assert await enrolments.enrolled(ORG, "algebra", None, "ada") == Enrolment(digest_of_code("moon"))
    assert await enrolments.enrolled(ORG, "algebra", None, "bob") == Enrolment()
    ada = Candidate("algebra", "ada")
    assert await overrides.accommodations(ORG, [ada]) == {ada: Accommodation(extra_time_ms=900_000)}
    assert await imported(database, ROSTER, now_ms=NOW + 1) == Report(0, 0, 2, 2)
    (granted,) = await overrides.list(ORG, "algebra", Sorting(), 10)
    assert (granted.changed_at_ms, granted.changed_by) == (NOW, "grace")


async def test_a_blank_cell_leaves_what_is_known(database: Database) -> None:
    people = People(database)
    await imported(database, ROSTER)
    await people.put_group(ORG, "room", "Room 1")
    text = "id,name,email,branch,opens\nada,,ada@example.org,,2027-03-01T09:00Z\nbob,Bob B.,,south,\neve,,,,"
    assert await imported(database, text) == Report(1, 2, 0, 3)
    assert (await people.list(ORG, Sorting(), 10)).found == [
        Person("ada", "Ada", "ada@example.org", None),
        Person("bob", "Bob B.", None, "south"),
        Person("eve", "eve", None, None),
    ]
    assert await people.groups_of(ORG, "ada") == ["late", "room"]
    group = await people.group(ORG, "room")
    assert group is not None
    assert group.title == "Room 1"
    found = await Overrides(database).get(ORG, Who(USER, "ada"), "algebra")
    assert found is not None
    assert (found.override.extra_time_ms, found.override.opens_at_ms) == (900_000, 1_803_891_600_000)
    enrolled = await Enrolments(database).enrolled(ORG, "algebra", None, "ada")
    assert enrolled == Enrolment(digest_of_code("moon")), "her code too"


@pytest.mark.parametrize("dry_run", [True, False])
@pytest.mark.parametrize(
    ("column", "instant", "reason"),
    [
        ("opens", "2027-03-01T12:00Z", "the window would open when the end that was granted before has passed"),
        ("closes", "2027-03-01T09:00Z", "the window would close before the beginning that was granted before"),
    ],
)
async def test_half_a_window_must_fit_the_half_that_is_known(
    database: Database, column: str, instant: str, reason: str, dry_run: bool
) -> None:
    await imported(database, "id,opens,closes\nada,2027-03-01T09:00Z,2027-03-01T12:00Z")
    before = await Overrides(database).list(ORG, "algebra", Sorting(), 10)
    revisions = await PeopleRevisions(database).of([ORG])
    with pytest.raises(Contradicted) as raised:
        await imported(database, f"id,{column}\neve,\nada,{instant}", dry_run=dry_run)
    (mistake,) = raised.value.mistakes
    assert (mistake.line, mistake.column) == (3, column)
    assert mistake.reason.startswith(reason)
    assert await Overrides(database).list(ORG, "algebra", Sorting(), 10) == before
    assert (await People(database).list(ORG, Sorting(), 10)).found == [Person("ada", "ada", None, None)]
    assert await PeopleRevisions(database).of([ORG]) == revisions
    # Both halves replace both.
    await imported(database, f"id,opens,closes\nada,{instant},2027-03-01T15:00Z", dry_run=dry_run)


_CLOSED_AT_TEN: Final = Rules(closes_at_ms=read_instant("2027-03-01T10:00Z"))
_UNTIL_NOON: Final = Override(closes_at_ms=read_instant("2027-03-01T12:00Z"))


@pytest.mark.parametrize(
    ("who", "test_id", "line"),
    [
        (Who(USER, "ada"), "algebra", "ada,2027-03-01T11:00Z,"),
        (Who(USER, "ada"), EVERY_TEST, "ada,2027-03-01T11:00Z,"),
        (Who(GROUP, "late"), "algebra", "ada,2027-03-01T11:00Z,late"),
        (Who(GROUP, "late"), EVERY_TEST, "ada,2027-03-01T11:00Z,late"),
    ],
)
async def test_a_later_opening_alone_may_lie_after_the_tests_end_where_she_has_a_later_end(
    database: Database, who: Who, test_id: str, line: str
) -> None:
    """Of her own, here or at every test, or by a group: also by one that the same line puts her into."""
    text, overrides = f"id,opens,group\n{line}", Overrides(database)
    with pytest.raises(Contradicted, match="line 2, opens: the window would open when the test has closed"):
        await imported(database, text, rules=_CLOSED_AT_TEN)
    await overrides.put(ORG, Granted(who, test_id, _UNTIL_NOON, NOW, "grace", ""))
    assert (await imported(database, text, rules=_CLOSED_AT_TEN)).made == 1
    ada = Candidate("algebra", "ada")
    granted = (await overrides.accommodations(ORG, [ada]))[ada]
    assert (granted.opens_at_ms, granted.closes_at_ms) == (
        read_instant("2027-03-01T11:00Z"),
        read_instant("2027-03-01T12:00Z"),
    )
    with pytest.raises(Contradicted, match=r"line 2, opens: the window would open when the .* has passed"):
        await imported(database, text.replace("T11", "T13"), rules=_CLOSED_AT_TEN)


async def test_a_course_grants_at_every_test(database: Database) -> None:
    await imported(database, "id,extra_factor\nada,1.5", (COURSE, "maths"))
    found = await Overrides(database).get(ORG, Who(USER, "ada"), EVERY_TEST)
    assert found is not None
    assert found.override == Override(extra_time_permille=500, unlimited_time=False)
    assert await Enrolments(database).enrolled(ORG, "any", "maths", "ada") == Enrolment()


async def test_nothing_is_half_imported(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    before = await PeopleRevisions(database).of([ORG])

    def fail(*_: Any) -> str:
        raise RuntimeError("the power fails")

    with monkeypatch.context() as patch:
        patch.setattr("storage.rosters._encode", fail)
        with pytest.raises(RuntimeError):
            await imported(database, ROSTER)
    assert (await People(database).list(ORG, Sorting(), 10)).found == []
    assert await PeopleRevisions(database).of([ORG]) == before


async def test_a_large_roster(database: Database) -> None:
    text = "\n".join(["id,group", *(f"u{number},g{number % 7}" for number in range(1_200))])
    assert await imported(database, text) == Report(1_200, 0, 0, 1)
    assert await imported(database, text) == Report(0, 0, 1_200, 2)
