"""Lists of attempts: filtered, sorted, and walked page by page, on both databases."""

import pytest
from msgspec.structs import replace

from protocol.rules.scope import WHOLE, TokenScope
from storage.attempt_list import AttemptLists, Wanted, sorted_by
from storage.attempts import Attempts
from storage.database import Database
from storage.log.journal import Journal
from storage.people import People
from storage.results import Results
from storage.sorting import Sorting
from tests.storage.making import NOW, ORG, TEST, Owner, new_identity
from tests.storage.test_results import RESULT


@pytest.fixture
async def room(journal: Journal, database: Database) -> list[Owner]:
    """Ada, Bea and Cem, made a second after each other; and Dan at another test, in another organisation Eve."""
    owners = [Owner(new_identity(user_id=name), now_ms=NOW + 1_000 * n) for n, name in enumerate(("ada", "bea", "cem"))]
    owners.append(Owner(new_identity(user_id="dan", test_id="other"), now_ms=NOW + 9_000))
    owners.append(Owner(new_identity(user_id="eve", org_id="college"), now_ms=NOW))
    for owner in owners:
        journal.submit(owner.made())
    await owners[-1].heard()
    people = People(database)
    await people.put_group(ORG, "room-1", "Room 1")
    await people.join(ORG, "room-1", "bea")
    return owners


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Wanted(), ["ada", "bea", "cem", "dan"]),
        (Wanted(test_id=TEST), ["ada", "bea", "cem"]),
        (Wanted(user_id="bea"), ["bea"]),
        (Wanted(user_id="eve"), []),
        (Wanted(group_id="room-1"), ["bea"]),
        (Wanted(group_id="room-2"), []),
        (Wanted(branch_id="branch", test_id="other"), ["dan"]),
        (Wanted(branch_id="elsewhere"), []),
        (Wanted(statuses=["in_progress", "paused"]), []),
        (Wanted(statuses=["initiated"], since_ms=NOW + 2_000), ["cem", "dan"]),
        (Wanted(attempt_id="no id"), []),
    ],
)
async def test_filters(room: list[Owner], database: Database, wanted: Wanted, found: list[str]) -> None:
    rows = await AttemptLists(database).attempts(ORG, wanted, WHOLE, Sorting("user_id"), 9)
    assert [row.user_id for row in rows] == found


@pytest.mark.parametrize(
    ("scope", "found"),
    [
        (TokenScope(tests=frozenset({"other"})), ["dan"]),
        (TokenScope(groups=frozenset({"room-1"})), ["bea"]),
        (TokenScope(branches=frozenset({"elsewhere"})), []),
    ],
)
async def test_the_scope_of_a_token(room: list[Owner], database: Database, scope: TokenScope, found: list[str]) -> None:
    rows = await AttemptLists(database).attempts(ORG, Wanted(), scope, Sorting("user_id"), 9)
    assert [row.user_id for row in rows] == found


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("by", ["attempt_id", "user_id", "started_at_ms", "ended_at_ms", "updated_at_ms"])
async def test_pages_meet_everybody_once(room: list[Owner], database: Database, by: str, descending: bool) -> None:
    order, seen = Sorting(by, descending), list[str]()
    while True:
        page = await AttemptLists(database).attempts(ORG, Wanted(), WHOLE, order, 1)
        if not page:
            break
        seen.append(page[0].user_id)
        order = order._replace(after=(sorted_by(page[0], order), page[0].attempt_id))
    # Nobody has started or ended, so that the ids alone decide there; they are made one after the other.
    assert seen == (["dan", "cem", "bea", "ada"] if descending else ["ada", "bea", "cem", "dan"])


async def test_a_row_says_of_when_it_is(room: list[Owner], database: Database, attempts: Attempts) -> None:
    (row,) = await AttemptLists(database).attempts(ORG, Wanted(user_id="cem"), WHOLE, Sorting(), 9)
    assert (row.attempt_id, row.seq, row.updated_at_ms) == (room[2].id, 1, NOW + 2_000)


async def test_results(room: list[Owner], database: Database) -> None:
    lists, results = AttemptLists(database), Results(database)
    ada, bea = (replace(RESULT, attempt_id=owner.id) for owner in room[:2])
    await results.save([(ada, 1), (bea, 1)], NOW)
    await results.save([(replace(ada, score_mpt=2_000), 2)], NOW + 5)
    newest = await lists.results(ORG, Wanted(), WHOLE, Sorting("saved_at_ms", descending=True), 9)
    assert [(row.user_id, row.version) for row in newest] == [("ada", 2), ("bea", 1)]
    assert [row.user_id for row in await lists.results(ORG, Wanted(since_ms=NOW + 5), WHOLE, Sorting(), 9)] == ["ada"]
    assert await lists.results(ORG, Wanted(test_id="other"), WHOLE, Sorting(), 9) == []
    assert await lists.results("college", Wanted(), WHOLE, Sorting(), 9) == []
