"""What lies outside of a token's branches, tests and groups does not exist for it: on every endpoint, in every message
of a monitor's socket, in rows and in counts. And nothing outside is changed. (`test_security_organisations` walks all
endpoints of attempts; here are the others.)
"""

from base64 import urlsafe_b64decode
from typing import Any, Final, get_args

import pytest

from protocol.attempt.model import Role
from protocol.codes import Close, Code
from protocol.messages.staff import StaffCommand
from protocol.rules.rights import STAFF, Act, may
from server.app import ENDPOINTS
from tests.server.conftest import Pair, StartServer
from tests.server.harness.calls import NOTHING, Ids, about, make
from tests.server.harness.exam import ORG, TEST, exam
from tests.server.harness.running import RunningServer
from tests.server.harness.shown import unpacked

ADA: Final = "Ada of the north"
ELSEWHERE: Final[dict[str, dict[str, Any]]] = {
    "another branch": {"branches": ["south"]},
    "other branches": {"branches": ["south", "west"]},
    "another test": {"tests": ["other"]},
    "a group": {"groups": ["room-1"]},
    "another branch at this test": {"branches": ["south"], "tests": [TEST]},
}
WATCHERS: Final = sorted(role for role in STAFF if may(role, Act.WATCH))


class North:
    """An attempt of the branch north that has started, one of the south, and one of no branch."""

    def __init__(self, server: RunningServer) -> None:
        self.server = server
        self.ada = self.bob = self.cy = ""

    async def make(self) -> None:
        await self.server.make_test()
        await self.server.make_test("other")
        self.ada = await self._attempt("ada", ADA, branches=["north"])
        self.bob = await self._attempt("bob", "Bob of the south", branches=["south"])
        self.cy = await self._attempt("cy", "Cy of no branch")
        (await self.server.call("POST", f"/test-attempts/{self.ada}/start", self.server.service, {})).ok()

    async def _attempt(self, user: str, name: str, **limit: Any) -> str:
        token = self.server.token(Role.SERVICE, "platform", **limit)
        body = {"test_id": TEST, "user_id": user, "display_name": name}
        return str((await self.server.call("POST", "/test-attempts", token, body)).ok()["attempt_id"])

    @property
    def ids(self) -> Ids:
        return NOTHING._replace(attempt_id=self.ada, test_id=TEST, question_id="single", user_id="ada")

    async def rows_of(self, **limit: Any) -> list[str]:
        """Who is in the list of attempts and in the roster; both agree."""
        token = self.server.token(Role.INVIGILATOR, "grace", **limit)
        listed = (await self.server.call("GET", f"/tests/{TEST}/attempts?limit=2", token)).ok()
        found = [row["user_id"] for row in listed["attempts"]]
        if listed["next"] is not None:
            more = await self.server.call("GET", f"/tests/{TEST}/attempts?after={listed['next']}", token)
            found += [row["user_id"] for row in more.ok()["attempts"]]
        async with await self.server.socket(f"/ws/monitor/{TEST}") as socket:
            await socket.hello(token)
            shown = (await socket.until("roster"))["rows"]
        assert sorted(row["user_id"] for row in shown) == sorted(found)
        return sorted(found)


@pytest.fixture
async def north(start_server: StartServer) -> North:
    north = North(await start_server(snapshot_ms=600_000))
    await north.make()
    return north


async def records(north: North) -> list[int]:
    return [len(await north.server.node.attempts.kept(one, 0, 1_000)) for one in (north.ada, north.bob, north.cy)]


@pytest.mark.parametrize(
    "elsewhere",
    [
        pytest.param(name, marks=pytest.mark.long)
        if name in ("other branches", "another branch at this test")
        else name
        for name in ELSEWHERE
    ],
)
async def test_no_call_shows_or_changes_what_lies_elsewhere(north: North, elsewhere: str) -> None:
    server = north.server
    before = await records(north)
    for endpoint in ENDPOINTS:
        name = f"{endpoint.method} {endpoint.path}"
        for role in sorted(STAFF & endpoint.roles):
            token = server.token(role, "grace", **ELSEWHERE[elsewhere])
            reply = await make(server, name, north.ids, token)
            assert ADA.encode() not in unpacked(reply.raw), (name, role)
            if "{attempt_id}" in name:
                assert (reply.status, reply.code) == (404, Code.NOT_FOUND), (name, role)
    assert await records(north) == before


@pytest.mark.parametrize(
    ("name", "about_a_test"),
    [
        ("PUT /tests/{test_id}", True),
        ("GET /users/{user_id}/export", False),
        ("DELETE /users/{user_id}", False),
        ("POST /revocations", False),
    ],
)
async def test_what_concerns_more_than_the_tokens_part_is_forbidden(
    north: North, name: str, about_a_test: bool
) -> None:
    limits: list[dict[str, Any]] = [{"branches": ["north"]}, {"groups": ["room-1"]}, {"tests": [TEST]}]
    for limit in limits:
        reply = await make(north.server, name, north.ids, north.server.token(Role.SERVICE, "platform", **limit))
        if about_a_test and "tests" in limit:
            assert reply.status == 200
        else:
            assert (reply.status, reply.code) == (403, Code.FORBIDDEN), limit
    assert await north.rows_of() == ["ada", "bob", "cy"]


async def test_rows_and_counts_are_those_of_the_token(north: North) -> None:
    assert await north.rows_of() == ["ada", "bob", "cy"]
    assert await north.rows_of(branches=["north"]) == ["ada"]
    assert await north.rows_of(branches=["north", "south"]) == ["ada", "bob"]
    assert await north.rows_of(branches=["west"]) == []
    assert await north.rows_of(groups=["room-1"]) == []
    assert await north.rows_of(tests=[TEST]) == ["ada", "bob", "cy"]


async def test_changes_come_only_to_those_who_may_see_them(north: North) -> None:
    server = north.server
    watchers = {}
    for branch in ("north", "south"):
        watchers[branch] = await server.socket(f"/ws/monitor/{TEST}")
        await watchers[branch].hello(server.token(Role.INVIGILATOR, branch, branches=[branch]))
        (row,) = (await watchers[branch].until("roster"))["rows"]
        assert row["branch_id"] == branch
    for attempt_id in (north.ada, north.bob):
        (await server.call("POST", f"/test-attempts/{attempt_id}/messages", server.service, {"text": "Hello"})).ok()
    for branch, hers in (("north", north.ada), ("south", north.bob)):
        messages: set[tuple[str, str | None]] = set()
        while messages != {hers: "queued"}.items():
            rows = (await watchers[branch].until("rows"))["rows"]
            messages = {(row["attempt_id"], row["message"]) for row in rows}
            assert {attempt_id for attempt_id, _ in messages} == {hers}
        await watchers[branch].close()


@pytest.mark.parametrize("elsewhere", ELSEWHERE)
@pytest.mark.parametrize("role", WATCHERS)
async def test_no_message_of_a_monitor_reaches_what_lies_elsewhere(north: North, role: Role, elsewhere: str) -> None:
    server = north.server
    before = await records(north)
    async with await server.socket(f"/ws/monitor/{TEST}") as socket:
        await socket.hello(server.token(role, "grace", **ELSEWHERE[elsewhere]))
        if elsewhere == "another test":
            assert await socket.refusal() == (Code.NOT_FOUND, Close.NOT_FOUND)
            return
        assert north.ada not in {row["attempt_id"] for row in (await socket.until("roster"))["rows"]}
        for command in get_args(StaffCommand):
            answers = []
            for ids in (north.ids, NOTHING):
                tag = command.__struct_config__.tag
                await socket.send(tag, **about(command, ids) | {"command_id": f"{tag} {ids.attempt_id}"})
                answer = await socket.until("command_refused", attempt_id=ids.attempt_id)
                answers.append({name: answer[name] for name in ("code", "detail", "retry")})
            assert answers[0] == answers[1], command
            assert answers[0]["code"] == Code.NOT_FOUND
    assert await records(north) == before


async def test_an_instructor_of_the_south_neither_reads_nor_cancels_in_the_north(north: North) -> None:
    """In so many words, since it was so once."""
    server = north.server
    south = server.token(Role.INSTRUCTOR, "grace", branches=["south"])
    for method, path, body in (
        ("GET", f"/test-attempts/{north.ada}/answers", None),
        ("GET", f"/test-attempts/{north.ada}/log", None),
        ("POST", f"/test-attempts/{north.ada}/cancel", {"reason": "because"}),
    ):
        assert (await server.call(method, path, south, body)).code == Code.NOT_FOUND
    assert (await server.status(north.ada))["status"] == "in_progress"
    body = {"reason": "because"}
    (await server.call("POST", f"/test-attempts/{north.bob}/cancel", south, body)).ok()


async def test_a_service_of_a_branch_makes_attempts_of_that_branch_alone(north: North) -> None:
    server = north.server
    south = server.token(Role.SERVICE, "platform", branches=["south"])
    made = await server.call("POST", "/test-attempts", south, {"test_id": TEST, "user_id": "dora"})
    identity = await server.node.attempts.identity(made.ok()["attempt_id"])
    assert identity is not None
    assert (identity.org_id, identity.branch_id) == (ORG, "south")
    # Ada's open attempt is not given to it, nor is another one made beside it.
    asked = {"test_id": TEST, "user_id": "ada", "extra_time_ms": 60_000}
    assert (await server.call("POST", "/test-attempts", south, asked)).code == Code.NOT_FOUND
    limits: list[dict[str, Any]] = [{"branches": ["south", "north"]}, {"groups": ["room-1"]}]
    for limit in limits:
        token = server.token(Role.SERVICE, "platform", **limit)
        assert (await server.call("POST", "/test-attempts", token, asked)).code == Code.FORBIDDEN
    assert len(await server.node.attempts.of_user(ORG, TEST, "ada")) == 1


async def test_a_candidates_branch_describes_her_and_opens_or_closes_nothing(north: North) -> None:
    server = north.server
    token = server.token(user="ada", branches=["south"])
    assert (await server.call("GET", f"/test-attempts/{north.ada}/status", token)).status == 200
    await server.make_test("third")
    made = await server.call("POST", "/test-attempts", token, {"test_id": "third"})
    identity = await server.node.attempts.identity(made.ok()["attempt_id"])
    assert identity is not None
    assert identity.branch_id == "south"


async def test_whether_somebody_may_begin_is_told_to_her_own_staff_alone(north: North) -> None:
    server = north.server
    for branch, status in (("north", 200), ("south", 404)):
        token = server.token(Role.INVIGILATOR, "grace", branches=[branch])
        assert (await server.call("GET", f"/tests/{TEST}/admission?user_id=ada", token)).status == status
        nobody = await server.call("GET", f"/tests/{TEST}/admission?user_id=nobody", token)
        assert nobody.code == Code.NOT_FOUND


async def test_a_token_of_a_group_reaches_those_who_are_in_it_now(north: North) -> None:
    server = north.server
    grace = server.token(Role.INVIGILATOR, "grace", groups=["room-1", "room-2"])
    admin = server.token(Role.ADMINISTRATOR, "root")
    ada, bob = f"/test-attempts/{north.ada}", f"/test-attempts/{north.bob}"
    (await server.call("PUT", "/groups/room-1", admin, {"title": "Room 1"})).ok()
    async with await server.socket(f"/ws/monitor/{TEST}") as socket:
        await socket.hello(grace)
        assert (await socket.until("roster"))["rows"] == []
        (await server.call("PUT", "/groups/room-1/members/ada", admin, {})).ok()
        (row,) = (await socket.until("roster"))["rows"]
        assert row["user_id"] == "ada"
        assert await north.rows_of(groups=["room-1", "room-2"]) == ["ada"]
        assert await north.rows_of(groups=["room-1"], branches=["south"]) == []
        assert (await server.call("POST", f"{ada}/messages", grace, {"text": "Hello"})).status == 200
        assert (await server.call("POST", f"{bob}/messages", grace, {"text": "Hello"})).code == Code.NOT_FOUND
        await socket.send("pause", command_id="p", attempt_id=north.ada, reason="")
        await socket.until("done", command_id="p")
        results = server.token(Role.INSTRUCTOR, "ida", groups=["room-1"])
        listed = (await server.call("GET", f"/tests/{TEST}/results", results)).ok()["candidates"]
        assert [one["user_id"] for one in listed] == ["ada"]
        # She leaves the group, and is not to be seen any more.
        (await server.call("DELETE", "/groups/room-1/members/ada", admin)).ok()
        assert (await socket.until("roster"))["rows"] == []
    assert (await server.call("POST", f"{ada}/messages", grace, {"text": "Hello"})).code == Code.NOT_FOUND
    service = server.token(Role.SERVICE, "platform", groups=["room-1"])
    wanted = {"test_id": TEST, "user_id": "ada"}
    assert (await server.call("POST", "/test-attempts", service, wanted)).code == Code.FORBIDDEN
    (await server.call("PUT", "/groups/room-1/members/ada", admin, {})).ok()
    assert (await server.call("POST", "/test-attempts", service, wanted)).ok()["attempt_id"] == north.ada


async def test_lists_of_tests_are_those_of_the_token(north: North) -> None:
    server = north.server
    cases: list[tuple[dict[str, Any], list[str]]] = [
        ({"tests": ["other"]}, ["other"]),
        ({"branches": ["south"]}, ["other", TEST]),
    ]
    for limit, expected in cases:
        token = server.token(Role.INSTRUCTOR, "grace", **limit)
        tests = (await server.call("GET", "/tests", token)).ok()["tests"]
        assert sorted(test["test_id"] for test in tests) == sorted(expected)
    narrow = server.token(Role.INSTRUCTOR, "grace", tests=["other"])
    assert (await server.call("GET", f"/tests/{TEST}", narrow)).code == Code.NOT_FOUND
    assert (await server.call("PUT", f"/tests/{TEST}", server.token(Role.SERVICE, tests=["other"]), exam())).code == (
        Code.NOT_FOUND
    )


# Branches


async def test_the_branch_of_the_person_counts_and_the_tokens_fills_in(north: North) -> None:
    server = north.server
    admin = server.token(Role.ADMINISTRATOR, "root")
    (await server.call("PUT", "/people/dora", admin, {"name": "Dora", "branch_id": "south"})).ok()
    (await server.call("PUT", "/people/eve", admin, {"name": "Eve"})).ok()

    async def branch(user: str, token: str) -> str | None:
        wanted = {"test_id": TEST, "user_id": user}
        made = (await server.call("POST", "/test-attempts", token, wanted)).ok()["attempt_id"]
        identity = await server.node.attempts.identity(made)
        assert identity is not None
        return identity.branch_id

    of_north = server.token(Role.SERVICE, "platform", branches=["north"])
    assert await branch("eve", of_north) == "north"
    assert await branch("dora", server.service) == "south"
    assert await branch("dora", server.token(user="dora", branches=["north"])) == "south"
    # Of one limited to the north she is none of hers, whatever she would be made as.
    (await server.call("PUT", "/people/fay", admin, {"name": "Fay", "branch_id": "south"})).ok()
    wanted = {"test_id": TEST, "user_id": "fay"}
    assert (await server.call("POST", "/test-attempts", of_north, wanted)).code == Code.FORBIDDEN


@pytest.mark.parametrize("by", ["person", "roster"])
async def test_whoever_moves_to_another_branch_takes_her_attempts_along(north: North, by: str) -> None:
    server = north.server
    admin = server.token(Role.ADMINISTRATOR, "root")
    grace = {branch: server.token(Role.INVIGILATOR, "grace", branches=[branch]) for branch in ("north", "south")}
    watchers = {}
    for branch, user in (("north", "ada"), ("south", "bob")):
        watchers[branch] = await server.socket(f"/ws/monitor/{TEST}")
        await watchers[branch].hello(grace[branch])
        assert [row["user_id"] for row in (await watchers[branch].until("roster"))["rows"]] == [user]
    if by == "person":
        (await server.call("PUT", "/people/ada", admin, {"name": ADA, "branch_id": "south"})).ok()
    else:
        roster = {"test_id": TEST, "csv": "id,branch\nada,south\n"}
        (await server.call("POST", "/rosters", admin, roster)).ok()
    assert (await watchers["north"].until("roster"))["rows"] == []
    rows = (await watchers["south"].until("roster"))["rows"]
    assert {row["user_id"]: row["branch_id"] for row in rows} == {"ada": "south", "bob": "south"}
    for watcher in watchers.values():
        await watcher.close()
    assert await north.rows_of(branches=["north"]) == []
    assert await north.rows_of(branches=["south"]) == ["ada", "bob"]
    message = f"/test-attempts/{north.ada}/messages"
    assert (await server.call("POST", message, grace["north"], {"text": "Hello"})).code == Code.NOT_FOUND
    (await server.call("POST", message, grace["south"], {"text": "Hello"})).ok()
    # Nobody says where she is any more: she stays where she was.
    (await server.call("PUT", "/people/ada", admin, {"name": ADA})).ok()
    assert await north.rows_of(branches=["south"]) == ["ada", "bob"]


@pytest.mark.postgres
async def test_a_move_reaches_the_node_that_she_sits_at(deaf_pair: Pair) -> None:
    one, two = deaf_pair
    attempt_id = await one.make_attempt()
    async with await one.sit(attempt_id), await one.socket(f"/ws/monitor/{TEST}") as watcher:
        await watcher.hello(one.token(Role.INVIGILATOR, "grace", branches=["south"]))
        assert (await watcher.until("roster"))["rows"] == []
        admin = two.token(Role.ADMINISTRATOR, "root")
        (await two.call("PUT", "/people/ada", admin, {"name": "Ada", "branch_id": "south"})).ok()
        rows = (await watcher.until("roster"))["rows"]
        assert [(row["user_id"], row["branch_id"]) for row in rows] == [("ada", "south")]


async def test_a_name_of_a_test_a_branch_a_group_a_course_or_a_form_is_one_however_it_was_composed(
    server: RunningServer,
) -> None:
    """Some systems write an accent as a character of its own."""
    composed, apart = "s\u00fcd", "su\u0308d"
    admin = server.token(Role.ADMINISTRATOR, "root")
    (await server.call("PUT", "/people/ada", admin, {"name": "Ada", "branch_id": apart})).ok()
    (await server.call("PUT", f"/groups/{composed}", admin, {"title": "South"})).ok()
    (await server.call("PUT", f"/groups/{composed}/members/ada", admin, {})).ok()
    content = exam(enrolment="required") | {"course_id": apart, "forms": {composed: ["single"], "b": ["fact"]}}
    (await server.call("PUT", f"/tests/{TEST}", admin, content)).ok()
    body = {"course_id": composed, "user_id": "ada", "form_id": apart}
    assert (await server.call("PUT", "/enrolments", admin, body)).ok()["form_id"] == composed
    attempt_id = await server.started("ada")
    assert (await server.node.attempts.of_user(ORG, TEST, "ada"))[0].attempt_id == attempt_id
    grace = server.token(Role.INVIGILATOR, "grace", branches=[composed])
    (row,) = (await server.call("GET", f"/tests/{TEST}/attempts", grace)).ok()["attempts"]
    assert (row["user_id"], row["branch_id"]) == ("ada", composed)
    for number, wanted in enumerate(({"branches": [apart]}, {"groups": [apart]})):
        order = {"bulk_id": f"b{number}", "order": {"t": "message", "text": "Hello"}, "filter": wanted}
        assert (await server.call("POST", f"/tests/{TEST}/bulk", grace, order)).ok()["total"] == 1
    await server.make_test(composed)
    (await server.call("PUT", "/enrolments", admin, {"test_id": apart, "user_id": "ada"})).ok()
    assert (await server.call("POST", "/rosters", admin, {"test_id": apart, "csv": "id\nada"})).ok()["unchanged"] == 1


async def test_a_token_of_staff_for_one_attempt_shows_nothing_of_others(north: North) -> None:
    server = north.server
    (await server.call("PUT", "/people/bob", server.service, {"name": "Bob of the south"})).ok()
    for role in sorted(STAFF):
        token = server.token(role, "grace", attempt_id=north.ada)
        for endpoint in ENDPOINTS:
            name = f"{endpoint.method} {endpoint.path}"
            if endpoint.method != "GET":
                continue
            for ids in (north.ids, north.ids._replace(attempt_id=north.bob, user_id="bob")):
                reply = await make(server, name, ids, token)
                assert b"of the south" not in unpacked(reply.raw), (role, name)
                assert ids.attempt_id == north.ada or north.bob.encode() not in unpacked(reply.raw), (role, name)
        for lists in ("/test-attempts", "/results", "/test-attempts?user_id=bob", "/tests"):
            assert b"of the south" not in unpacked((await server.call("GET", lists, token)).raw), (role, lists)


async def test_a_page_of_tests_and_its_cursor_name_none_that_a_token_may_not_see(north: North) -> None:
    server = north.server
    await server.make_test("zoology")
    token = server.token(Role.INVIGILATOR, "grace", tests=["other", "zoology"])
    found, after = [], ""
    while True:
        page = (await server.call("GET", f"/tests?limit=1{after}", token)).ok()
        found += [one["test_id"] for one in page["tests"]]
        if page["next"] is None:
            break
        assert TEST.encode() not in urlsafe_b64decode(page["next"] + "==")
        after = f"&after={page['next']}"
    assert found == ["other", "zoology"]
    narrow = server.token(Role.INVIGILATOR, "grace", attempt_id=north.ada)
    assert (await server.call("GET", "/tests?limit=1", narrow)).ok()["next"] is None
