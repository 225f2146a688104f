"""Results, versioned by the record they were made from."""

from msgspec.structs import replace

from protocol.rest import Mark, Result
from storage.database import Database
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
    assert await results.get(RESULT.attempt_id) == newer
    await results.save([(replace(newer, score_mpt=1), 9)], NOW)
    assert await results.get(RESULT.attempt_id) == replace(newer, score_mpt=1)
