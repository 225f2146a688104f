"""Every role makes every call with a token of its own branch, test or group, of another one, and of another
organisation: what the tables say it reaches it reaches, and nothing else is shown or changed.
"""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import pytest

from protocol.attempt.model import Role
from protocol.codes import Code
from protocol.media import hash_of
from server.api.endpoint import Endpoint
from server.app import ENDPOINTS
from storage.answer_files import AnswerFile
from tests.server.conftest import StartServer
from tests.server.harness.calls import NOTHING, make
from tests.server.harness.exam import ORG, TEST, exam
from tests.server.harness.running import RunningServer
from tests.server.harness.shown import unpacked
from tests.server.test_rights import MAY, ROLES
from tests.server.test_security_organisations import CANARY, COLLEGE, School

BRANCH: Final = "north"
GROUP: Final = "room-1"
STAFF_ROLES: Final = [role for role in ROLES if role is not Role.CANDIDATE]
TOKENS: Final[dict[str, dict[str, Any]]] = {
    "own branch": {"branches": [BRANCH]},
    "other branch": {"branches": ["south"]},
    "own test": {"tests": [TEST]},
    "other test": {"tests": ["other"]},
    "own group": {"groups": [GROUP]},
    "other group": {"groups": ["room-2"]},
    "other organisation": {"org": COLLEGE},
}
"""What the token says of where it is good; the attempt is Ada's, of this branch, test and group."""

PART: Final = {
    "GET /tests/{test_id}",
    "GET /tests/{test_id}/preview",
    "GET /tests/{test_id}/key",
    "GET /tests/{test_id}/lint",
    "GET /tests/{test_id}/versions",
    "GET /tests/{test_id}/attempts",
    "GET /tests/{test_id}/expected",
    "GET /tests/{test_id}/alerts-seen",
    "GET /tests/{test_id}/groups",
    "GET /tests/{test_id}/incidents",
    "GET /tests/{test_id}/marking-queue",
    "POST /tests/{test_id}/marking-queue/claim",
    "POST /tests/{test_id}/marking-queue/release",
    "GET /tests/{test_id}/results",
    "GET /tests/{test_id}/analytics",
    "GET /tests/{test_id}/gradebook.csv",
    "GET /tests/{test_id}/gradebook.xlsx",
    "GET /tests/{test_id}/gradebook.parquet",
    "GET /tests/{test_id}/report.pdf",
    "GET /tests/{test_id}/statistics",
    "GET /tests/{test_id}/statistics.csv",
}
"""Calls about a test that show whoever sees a part of its attempts that part."""
OTHERWISE: Final = {
    "GET /tests": "shows the tests of the token",
    "GET /rooms": "counts those attempts that the token sees",
    "GET /server": "shows nothing of anybody",
    "GET /test-attempts": "shows those attempts that the token sees",
    "GET /results": "shows the results of those attempts that the token sees",
    "GET /users/{user_id}/skills": "shows what those attempts say that the token sees",
    "GET /tests/{test_id}/admission": "is about one candidate, who may be of the token or not",
    "POST /test-attempts": "makes an attempt where the token is good",
    "GET /tests/{test_id}/safe-exam-browser": "has nothing to show of a test without Safe Exam Browser",
    "GET /tests/{test_id}/papers": "is about the attempts that it names, which the token sees or not",
    "POST /tests/{test_id}/bulk": "reaches those attempts that the token sees, and answers for each",
    "GET /tests/{test_id}/bulk": "shows acts that reached nobody whom the token does not see",
    "GET /bulk/{bulk_id}": "shows an act that reached nobody whom the token does not see",
    "GET /bulk/{bulk_id}/left-out": "shows an act that reached nobody whom the token does not see",
    "POST /media": "stores a file where the token reaches some test as a whole",
    "POST /imports": "stores a test that the token reaches as a whole",
    "POST /tokens": "gives a token of no wider scope than the giver's",
}
"""Calls that no line of the matrix fits; `test_scopes`, `test_tokens`, `test_bulk`, `test_media`, `test_imports`,
`test_rooms` and `test_safe_browser` have tests for them."""


ONCE: Final = {"DELETE /scim/v2/Users/{user_id}", "DELETE /scim/v2/Groups/{group_id}"}
"""Calls that find nothing any more once somebody has made them."""
APART: Final = {
    *(f"GET /tests/{{test_id}}/{name}" for name in ("analytics", "statistics", "statistics.csv")),
    *(f"GET /tests/{{test_id}}/gradebook.{kind}" for kind in ("csv", "xlsx", "parquet")),
    "GET /tests/{test_id}/report.pdf",
}


class Case(NamedTuple):
    endpoint: Endpoint
    role: Role
    where: str

    @property
    def name(self) -> str:
        return f"{self.endpoint.method} {self.endpoint.path}"

    def refusals(self) -> set[Code]:
        """What the call must be refused with; empty: it reaches what it names."""
        if self.role not in MAY[self.endpoint.act]:
            return {Code.FORBIDDEN}
        own = self.where.startswith("own")
        if "{attempt_id}" in self.name:
            return set() if own else {Code.NOT_FOUND}
        if "{test_id}" not in self.name:
            # It is about the whole organisation, and this token about a part of it.
            return {Code.FORBIDDEN}
        if self.where.endswith("test"):
            return set() if own else {Code.NOT_FOUND}
        return set() if self.name in PART else {Code.FORBIDDEN, Code.NOT_FOUND}


def cases() -> Iterator[Case]:
    for endpoint in ENDPOINTS:
        for role in STAFF_ROLES:
            for where in TOKENS:
                case = Case(endpoint, role, where)
                if role not in MAY[endpoint.act]:
                    # Of a role without the right the scope is not looked at: one that fits opens nothing either.
                    if where in ("own test", "other organisation"):
                        yield case
                elif case.name not in OTHERWISE:
                    yield case


@pytest.fixture
async def school(start_server: StartServer) -> School:
    server = await start_server(snapshot_ms=600_000, rate_per_second=10_000, rate_burst=10_000)
    content = exam(essay=True, leaderboard="score") | {"title": f"{CANARY} exam"}
    for test_id in (TEST, "other"):
        (await server.call("PUT", f"/tests/{test_id}", server.service, content)).ok()
    (await server.call("PUT", "/people/ada", server.service, {"name": f"{CANARY} Ada"})).ok()
    (await server.call("PUT", f"/groups/{GROUP}", server.service, {"title": f"{CANARY} room"})).ok()
    (await server.call("PUT", f"/groups/{GROUP}/members/ada", server.service, {})).ok()
    platform = server.token(Role.SERVICE, "platform", branches=[BRANCH])
    wanted = {"test_id": TEST, "user_id": "ada", "display_name": f"{CANARY} Ada"}
    attempt_id = (await server.call("POST", "/test-attempts", platform, wanted)).ok()["attempt_id"]
    (await server.call("POST", f"/test-attempts/{attempt_id}/start", server.service, {})).ok()
    regrade = {"key_version": 1, "reason": "a wrong key"}
    made = (await server.call("POST", f"/tests/{TEST}/regrades", server.service, regrade)).ok()
    hook = {"kind": "webhook", "target": "https://hook.invalid/", "topics": ["*"]}
    told = (await server.call("POST", "/subscriptions", server.service, hook)).ok()["subscription"]["subscription_id"]
    keyed = {"role": "marker", "user_id": CANARY}
    key_id = (await server.call("POST", "/api-keys", server.service, keyed)).ok()["key"]["key_id"]
    # Nobody delivers while it is looked at what has changed.
    await server.node.courier.stop()
    await server.node.events.take_over(server.clock.now_ms())
    [event, *_] = (await server.call("GET", "/deliveries", server.service)).ok()["deliveries"]
    file = AnswerFile(hash_of(CANARY.encode()), "text/plain", len(CANARY), server.clock.now_ms())
    await server.node.answer_files.put(ORG, attempt_id, file, CANARY.encode())
    ids = NOTHING._replace(
        attempt_id=attempt_id,
        test_id=TEST,
        question_id="single",
        user_id="ada",
        group_id=GROUP,
        regrade_id=made["regrade_id"],
        hash=file.hash,
        subscription_id=told,
        event_id=event["event_id"],
        key_id=key_id,
    )
    return School(server, ids, "")


def token_of(server: RunningServer, case: Case) -> str:
    return server.token(case.role, f"{case.role}-1", **{"org": ORG, **TOKENS[case.where]})


async def test_nothing_beyond_the_token_is_shown_or_changed(school: School) -> None:
    server = school.server
    while not (await server.node.regrades.progress(ORG, TEST, school.ids.regrade_id)).ended_at_ms:  # type: ignore[union-attr]
        await server.node.regrader.look()
    before = await school.kept()
    # Last what makes the college a test of its own with the school's name.
    for case in sorted(cases(), key=lambda case: case.name.startswith("PUT /tests")):
        if case.where == "other organisation" and case.role in MAY[case.endpoint.act]:
            reply = await make(server, case.name, school.ids, token_of(server, case))
            if "{attempt_id}" in case.name:
                assert (reply.status, reply.code) == (404, Code.NOT_FOUND), case
        elif expected := case.refusals():
            reply = await make(server, case.name, school.ids, token_of(server, case))
            assert (reply.status >= 400 and reply.code in expected) is True, (case.name, case.role, case.where)
        else:
            continue
        assert CANARY.encode() not in unpacked(reply.raw), (case.name, case.role, case.where)
    assert await school.kept() == before


def _is_tried(case: Case) -> bool:
    """Of calls that a process of its own works out, each role once and each place once: a process takes long."""
    roles: list[Role] = [*STAFF_ROLES]
    places = [*TOKENS]
    return case.name not in APART or (roles.index(case.role) - places.index(case.where)) % 3 == 0


async def test_what_a_token_reaches_it_reaches(school: School) -> None:
    server = school.server
    for case in filter(_is_tried, cases()):
        if case.where != "other organisation" and not case.refusals():
            reply = await make(server, case.name, school.ids, token_of(server, case))
            refused = reply.status >= 400 and reply.code in (Code.FORBIDDEN, Code.NOT_FOUND)
            assert not refused, (case.name, case.role, case.where)


@pytest.mark.long
async def test_an_unlimited_token_reaches_the_organisation(school: School) -> None:
    """Each call about the whole organisation, which no token of a part may make."""
    server = school.server
    whole = [one for one in ENDPOINTS if "{attempt_id}" not in one.path and f"{one.method} {one.path}" not in OTHERWISE]
    for endpoint in sorted(whole, key=lambda one: (one.method == "DELETE", "/users/" in one.path)):
        for role in STAFF_ROLES:
            if role in MAY[endpoint.act]:
                name = f"{endpoint.method} {endpoint.path}"
                reply = await make(server, name, school.ids, server.token(role, f"{role}-1"))
                refusals = {Code.FORBIDDEN} if name in ONCE else {Code.FORBIDDEN, Code.NOT_FOUND}
                assert reply.status < 400 or reply.code not in refusals, (name, role)
