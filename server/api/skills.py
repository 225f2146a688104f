"""What a person can do, from her results in every test that names skills."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from protocol import limits
from protocol.content import TestContent
from protocol.rest.results import Result
from protocol.rest.skills import SkillsOfAttempt, SkillsOfPerson
from protocol.rules.audit import ResultsRead
from protocol.rules.rights import Act
from protocol.skills import Tallies, skills_from, tallies_of, together
from server.api.endpoint import Call, Endpoint
from server.api.people import user_id_of
from server.api.query import Query
from storage.attempt_list import Order, Wanted

GOAL: Final = Query(
    "goal_permille",
    Annotated[int, Meta(ge=1, le=1_000)],
    says=f"The share of the points of a skill that is the goal; {limits.GOAL_PERMILLE} where it is not said.",
)
_decode: Final = msgspec.json.Decoder(Result).decode


async def skills_of_person(call: Call) -> SkillsOfPerson:
    principal, user_id = call.principal, user_id_of(call)
    goal_permille = call.query.get("goal_permille", limits.GOAL_PERMILLE)
    wanted = Wanted(attempt_id=principal.attempt_id, user_id=user_id)
    newest_first = Order("saved_at_ms", descending=True)
    rows = await call.node.attempt_lists.results(
        principal.org_id, wanted, principal.scope, newest_first, limits.MAX_SKILLS_ATTEMPTS
    )
    for test_id in sorted({row.test_id for row in rows}):
        await call.was_read(ResultsRead(test_id, None, user_id))
    marked = [(row, result) for row in rows if (result := _decode(row.result)).complete]
    contents = await _contents(call, [result for _, result in marked])
    titles: dict[str, str] = {}
    every: list[Tallies] = []
    attempts: list[SkillsOfAttempt] = []
    for row, result in marked:
        content = contents[result.test_id, _key_version(result)]
        tallies = tallies_of(result.marks, content)
        if tallies:
            titles = {**content.skills, **titles}
            every.append(tallies)
            attempts.append(
                SkillsOfAttempt(
                    attempt_id=row.attempt_id,
                    test_id=row.test_id,
                    attempt_number=row.attempt_number,
                    marked_at_ms=row.saved_at_ms,
                    skills=skills_from(tallies, content.skills, goal_permille),
                )
            )
    return SkillsOfPerson(
        goal_permille=goal_permille,
        skills=skills_from(together(every), titles, goal_permille),
        attempts=attempts,
    )


def _key_version(result: Result) -> int:
    return result.key_version or result.test_version


async def _contents(call: Call, results: list[Result]) -> Mapping[tuple[str, int], TestContent]:
    """The versions of the tests by whose keys the results were marked."""
    wanted: dict[str, set[int]] = defaultdict(set)
    for result in results:
        wanted[result.test_id].add(_key_version(result))
    found: dict[tuple[str, int], TestContent] = {}
    for test_id, versions in wanted.items():
        contents = await call.node.tests.contents(call.principal.org_id, test_id, sorted(versions))
        found |= {(test_id, version): content for version, content in contents.items()}
    return found


ENDPOINTS = [
    Endpoint(
        method="GET",
        path="/users/{user_id}/skills",
        summary="What a person can do, skill by skill, from her newest results in all tests.",
        handle=skills_of_person,
        reply=SkillsOfPerson,
        act=Act.READ_RESULTS,
        query=(GOAL,),
    ),
]
