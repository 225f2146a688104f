"""What a person can do, from her results in every test that names skills."""

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
from server.pacing.turns import turns
from storage.attempt_list import Wanted
from storage.sorting import Sorting

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
    newest_first = Sorting("saved_at_ms", descending=True)
    rows = await call.node.attempt_lists.results(
        principal.org_id, wanted, principal.scope, newest_first, limits.MAX_SKILLS_ATTEMPTS
    )
    for test_id in sorted({row.test_id for row in rows}):
        await call.was_read(ResultsRead(test_id, None, user_id))
    known: dict[tuple[str, int], TestContent] = {}
    titles: dict[str, str] = {}
    every: list[Tallies] = []
    attempts: list[SkillsOfAttempt] = []
    for row in rows:
        # Those who sit are served in between: fifty long results are a tenth of a second.
        await turns().take(new=True)
        result = _decode(row.result)
        if not result.complete:
            continue
        content = await _content(call, result, known)
        await turns().take(new=True)
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


async def _content(call: Call, result: Result, known: dict[tuple[str, int], TestContent]) -> TestContent:
    """The version of the test by whose keys the result was marked. Those that are `known` are not read again."""
    test_id, version = result.test_id, result.key_version or result.test_version
    if (test_id, version) not in known:
        found = await call.node.tests.contents(call.principal.org_id, test_id, [version])
        known[test_id, version] = found[version]
    return known[test_id, version]


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
