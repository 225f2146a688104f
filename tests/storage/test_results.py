"""Results, versioned by the record they were made from."""

import asyncio
from typing import Any

import pytest
from msgspec.structs import replace

from protocol.attempt.model import Actor, Role
from protocol.rest.results import Mark, Result
from protocol.rules.audit import Released, read_body
from storage.audit import Audit
from storage.database import Database
from storage.releases import Releases
from storage.results import Results
from tests.storage.making import NOW, Owner

MARK = Mark(question_id="q1", score_mpt=None, max_mpt=1_000, marked_by=None, remark="\0")
RESULT = Result(
    attempt_id=Owner().id,
    test_id="t",
    test_version=1,
    user_id="u",
    status="submitted",
    reference="ABCD",
    complete=False,
    score_mpt=1_500,
    max_mpt=10_000_000_000,
    awaiting_marks=1,
    marks=[MARK],
)


async def test_an_older_result_never_overwrites(database: Database) -> None:
    results = Results(database)
    assert await results.get(RESULT.attempt_id) is None
    assert await results.get("no id") is None
    await results.save([(RESULT, 7)], NOW)
    assert await results.get(RESULT.attempt_id) == RESULT
    newer = replace(RESULT, complete=True, awaiting_marks=0, score_mpt=2_000)
    await results.save([(newer, 9)], NOW)
    await results.save([(RESULT, 8)], NOW)
    assert await results.get(RESULT.attempt_id) == replace(newer, version=2)


async def test_marks_that_change_make_a_version_and_the_same_marks_make_none(database: Database) -> None:
    results = Results(database)
    other = replace(RESULT, attempt_id=Owner().id)
    second = replace(RESULT, score_mpt=2_000, reason="The key was wrong.", changed_by="tutor", key_version=2)
    await results.save([(RESULT, 7), (other, 3)], NOW)
    await results.save([(RESULT, 8), (other, 4)], NOW)
    await results.save([(second, 9)], NOW)
    await results.save([(second, 9)], NOW)
    assert await results.versions(RESULT.attempt_id) == [RESULT, replace(second, version=2)]
    assert await results.versions(other.attempt_id) == [other]
    assert await results.versions("no id") == []


async def test_many_who_mark_at_once_make_one_version_of_each_result(database: Database) -> None:
    results = Results(database)
    await asyncio.gather(*(results.save([(RESULT, 7)], NOW) for _ in range(8)))
    await asyncio.gather(
        *(results.save([(replace(RESULT, score_mpt=seq), seq)], NOW) for seq in range(8, 16)),
        *(results.save([(replace(RESULT, score_mpt=seq), seq)], NOW) for seq in range(8, 16)),
    )
    scores = [one.score_mpt for one in await results.versions(RESULT.attempt_id)][1:]
    assert scores == sorted(set(scores)), "each once, and never an older one after a newer"
    assert scores[-1] == 15


async def test_results_that_nobody_waits_for_are_saved_in_portions(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, transactions = database.write, 0

    async def counted(work: Any) -> Any:
        nonlocal transactions
        transactions += 1
        return await write(work)

    monkeypatch.setattr(database, "write", counted)
    marked = [(replace(RESULT, attempt_id=Owner().id), 7) for _ in range(2 * database.portion + 1)]
    await Results(database).save(marked, NOW)
    assert transactions == 3
    assert [await Results(database).get(result.attempt_id) for result, _ in marked] == [result for result, _ in marked]


async def test_tests_are_released_and_held_back_again(database: Database) -> None:
    releases, ida = Releases(database), Actor(Role.INSTRUCTOR, "ida")
    assert await releases.since_ms("o", "t") is None
    assert await releases.put("o", "t", NOW, ida, "done", NOW) == NOW
    assert await releases.put("o", "t", NOW + 5, ida, "again", NOW) == NOW, "it is released already"
    assert await releases.since_ms("o", "t") == NOW
    assert await releases.since_ms("o", "other") is None
    assert await releases.put("o", "t", None, ida, "a mistake", NOW) is None
    assert await releases.since_ms("o", "t") is None
    page = await Audit(database).page("o", after=0, limit=9)
    said = [read_body(one.line.body or b"") for one in page]
    assert [one and one.entry for one in said] == [Released("t", "done"), Released("t", "a mistake", taken_back=True)]
