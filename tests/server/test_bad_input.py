"""Whatever makes no sense is refused by name, and nothing of it is done: over REST, where the page's importer comes in
too."""

from typing import Any, Final

import pytest
from sqlalchemy import func, select

from protocol.codes import REFUSALS, Code
from storage.schema import attempt_log, audit_log, enrolments, group_members, groups, overrides, people, tests
from tests.server.harness.exam import TEST, exam
from tests.server.harness.running import HOUR_MS, RunningServer

_TABLES: Final = (people, groups, group_members, enrolments, overrides, tests, attempt_log, audit_log)
TEST_OPENS_MS: Final = 1_900_000_000_000
TEST_CLOSES_MS: Final = TEST_OPENS_MS + HOUR_MS
NO_ATTEMPT: Final = "01890a5d-ac96-774b-bcce-b302099a8057"
_OVERRIDE: Final = f"/tests/{TEST}/overrides/users/ada"


async def kept(server: RunningServer) -> dict[str, int]:
    """How many rows each table has."""
    return await server.node.database.read(
        lambda connection: {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one() for table in _TABLES
        }
    )


def override(**said: Any) -> tuple[str, str, dict[str, Any]]:
    return "PUT", _OVERRIDE, {"override": said, "reason": "why"}


def roster(*lines: str) -> tuple[str, str, dict[str, Any]]:
    return "POST", "/rosters", {"test_id": TEST, "csv": "\n".join(lines)}


CASES: Final[dict[str, tuple[tuple[str, str, dict[str, Any]], Code]]] = {
    "negative extra time": (override(extra_time_ms=-1), Code.OUT_OF_RANGE),
    "absurd extra time": (override(extra_time_ms=10**15), Code.OUT_OF_RANGE),
    "a negative share": (override(extra_time_permille=-1), Code.OUT_OF_RANGE),
    "an instant before 1970": (override(opens_at_ms=-1), Code.OUT_OF_RANGE),
    "a negative pause": (override(pause_budget_ms=-1), Code.OUT_OF_RANGE),
    "minutes and a share": (override(extra_time_ms=1, extra_time_permille=1), Code.INVALID_OVERRIDE),
    "unlimited and minutes": (override(unlimited_time=True, extra_time_ms=1), Code.INVALID_OVERRIDE),
    "a window that closes before it opens": (override(opens_at_ms=2, closes_at_ms=1), Code.INVALID_OVERRIDE),
    "a window of no length": (override(opens_at_ms=1, closes_at_ms=1), Code.INVALID_OVERRIDE),
    "an end that never comes": (override(closes_at_ms=1, never_closes=True), Code.INVALID_OVERRIDE),
    "a window that opens when the test has closed": (override(opens_at_ms=TEST_CLOSES_MS + 1), Code.INVALID_OVERRIDE),
    "a window that opens as the test closes": (override(opens_at_ms=TEST_CLOSES_MS), Code.INVALID_OVERRIDE),
    "a window that closes before the test opens": (override(closes_at_ms=TEST_OPENS_MS), Code.INVALID_OVERRIDE),
    "a window that is over already": (
        override(opens_at_ms=TEST_OPENS_MS - 10**12, closes_at_ms=TEST_OPENS_MS - 10**11 * 9),
        Code.INVALID_OVERRIDE,
    ),
    "nothing": (override(), Code.INVALID_OVERRIDE),
    "an override for nobody": (
        ("PUT", f"/tests/{TEST}/overrides/users/nobody", {"override": {"extra_attempts": 1}}),
        Code.NOT_FOUND,
    ),
    "an override for no group": (
        ("PUT", f"/tests/{TEST}/overrides/groups/none", {"override": {"extra_attempts": 1}}),
        Code.NOT_FOUND,
    ),
    "an override at no test": (
        ("PUT", "/tests/none/overrides/users/ada", {"override": {"extra_attempts": 1}}),
        Code.NOT_FOUND,
    ),
    "an enrolment of no group": (("PUT", "/enrolments", {"test_id": TEST, "group_id": "none"}), Code.NOT_FOUND),
    "an enrolment of two": (
        ("PUT", "/enrolments", {"test_id": TEST, "user_id": "ada", "group_id": "hall"}),
        Code.MISSING_FIELD,
    ),
    "a member of no group": (("PUT", "/groups/none/members/ada", {}), Code.NOT_FOUND),
    "two same ids": (roster("id,group", "bob,new", "bob,new"), Code.INVALID_ROSTER),
    "ids that look the same": (roster("id", "bob", "BOB"), Code.INVALID_ROSTER),
    "one wrong line of many": (
        roster("id,extra_minutes", *(f"user-{n},5" for n in range(50)), "zoe,-5"),
        Code.INVALID_ROSTER,
    ),
    "a branch that is a step": (("PUT", "/people/bob", {"name": "Bob", "branch_id": ".."}), Code.INVALID_ID),
    "an invisible branch": (("PUT", "/people/bob", {"name": "Bob", "branch_id": "sou\u200bth"}), Code.INVALID_ID),
    "a group that nobody can see": (("PUT", "/groups/late", {"title": "\u200b"}), Code.OUT_OF_RANGE),
    "a course that is a step": (("PUT", f"/tests/{TEST}", exam() | {"course_id": ".."}), Code.INVALID_TEST),
    "a test that nobody can see": (("PUT", f"/tests/{TEST}", exam() | {"title": "\u200b"}), Code.INVALID_TEST),
    "a form that is a step": (
        ("PUT", "/enrolments", {"test_id": TEST, "user_id": "ada", "form_id": ".."}),
        Code.INVALID_ID,
    ),
    "a column that is none": (roster("id,shoe size", "bob,44"), Code.INVALID_ROSTER),
    "absurd minutes": (roster("id,extra_minutes", "bob,999999"), Code.INVALID_ROSTER),
    "a roster's window that closes first": (
        roster("id,opens,closes", "bob,2027-03-01T12:00:00Z,2027-03-01T09:00:00Z"),
        Code.INVALID_ROSTER,
    ),
    "a roster's window that opens when the test has closed": (
        roster("id,opens", "bob,2030-03-17T19:00:00Z"),
        Code.INVALID_ROSTER,
    ),
    "a roster's window that is over already": (
        roster("id,opens,closes", "bob,2020-03-01T09:00:00Z,2020-03-01T12:00:00Z"),
        Code.INVALID_ROSTER,
    ),
    "a soft limit of no time": (
        ("PUT", f"/tests/{TEST}", exam(limit="soft", duration_ms=None)),
        Code.INVALID_TEST,
    ),
    "a window in the test that closes first": (
        ("PUT", f"/tests/{TEST}", exam(opens_at_ms=2 * HOUR_MS, closes_at_ms=HOUR_MS)),
        Code.INVALID_TEST,
    ),
}


@pytest.mark.parametrize("name", CASES)
async def test_what_makes_no_sense_is_refused_by_name_and_changes_nothing(server: RunningServer, name: str) -> None:
    (method, path, body), code = CASES[name]
    (await server.call("PUT", "/people/ada", server.service, {"name": "Ada"})).ok()
    (await server.call("PUT", "/groups/hall", server.service, {"title": "Hall"})).ok()
    await server.make_test(opens_at_ms=TEST_OPENS_MS, closes_at_ms=TEST_CLOSES_MS)
    before = await kept(server)
    reply = await server.call(method, path, server.service, body)
    assert reply.code == code
    assert reply.body["detail"]
    if path == "/rosters":
        tried = (await server.call(method, path, server.service, {**body, "dry_run": True})).ok()
        assert tried["mistakes"], "the importer of the page says where"
        assert (tried["made"], tried["changed"], tried["unchanged"]) == (0, 0, 0)
    assert await kept(server) == before


@pytest.mark.parametrize(
    ("what", "body"),
    [
        ("pause", {"reason": "r"}),
        ("extend", {"reason": "r", "add_ms": 1}),
        ("end", {"reason": "r"}),
        ("cancel", {"reason": "r"}),
        ("admit", {"reason": "r"}),
        ("messages", {"text": "t"}),
        ("accommodate", {"reason": "r", "extra_time_ms": 1}),
        ("apply-rules", {"reason": "r"}),
        ("reinstate", {"reason": "r"}),
    ],
)
async def test_a_command_on_a_finished_attempt_is_refused_by_name(
    server: RunningServer, what: str, body: dict[str, Any]
) -> None:
    attempt_id = await server.started()
    (await server.call("POST", f"/test-attempts/{attempt_id}/complete", server.service, {})).ok()
    await server.reaches(attempt_id, "completed")
    before = await kept(server)
    reply = await server.call("POST", f"/test-attempts/{attempt_id}/{what}", server.service, body)
    assert reply.code in (Code.ALREADY_SUBMITTED, Code.NOT_CANCELLED, Code.NOT_WAITING)
    if reply.code == Code.ALREADY_SUBMITTED:
        assert reply.body["detail"] == "This attempt has been handed in. Reopen it first."
    after = await kept(server)
    assert after == before


async def test_staff_read_a_sentence_for_staff_and_a_candidate_one_for_her(server: RunningServer) -> None:
    """By a call, over a socket, where there is nothing, and after staff have ended the attempt."""
    attempt_id = await server.started()
    path = f"/test-attempts/{attempt_id}"
    (await server.call("POST", f"{path}/end", server.instructor, {"reason": "fire"})).ok()
    server.pass_time(60_000)
    await server.reaches(attempt_id, "completed")
    extend = await server.call("POST", f"{path}/extend", server.instructor, {"add_ms": 1_000})
    assert (extend.code, extend.body["detail"]) == (
        Code.DEADLINE_PASSED,
        "The time of this attempt is over. Reopen it first.",
    )
    answer = {"n": 1, "question_id": "word", "value": "Euler", "position": None, "client_at_ms": 0}
    late = await server.act("POST", f"{path}/answers", server.token(), {"answers": [answer]})
    assert late.body["refused"][0]["detail"] == "The paper has been collected. What was saved before counts."
    async with await server.watch() as socket:
        await socket.send("pause", command_id="c", attempt_id=attempt_id, reason="")
        refused = await socket.until("command_refused")
        assert refused["detail"] == "The time of this attempt is over. Reopen it first."
    nothing = f"/test-attempts/{NO_ATTEMPT}/status"
    for token, says in ((server.instructor, "this token may see"), (server.token(), "ask your invigilator")):
        assert says in (await server.call("GET", nothing, token)).body["detail"]


async def test_a_service_reads_what_it_hands_on_to_a_candidate_and_else_what_staff_read(server: RunningServer) -> None:
    """In the place of a candidate it starts and answers for her, and asks for her result; the rest it asks as staff."""
    attempt_id = await server.started()
    path = f"/test-attempts/{attempt_id}"
    (await server.call("POST", f"{path}/cancel", server.service, {"reason": "fire"})).ok()
    nothing = f"/test-attempts/{NO_ATTEMPT}"
    hers = {
        "a start": ("POST", f"{path}/start", {"client_at_ms": 0}),
        "her result": ("GET", f"{path}/result", None),
        "her state": ("GET", f"{nothing}/status", None),
    }
    for name, (method, where, body) in hers.items():
        detail = (await server.call(method, where, server.service, body)).body["detail"]
        assert detail in {rule.sentence for rule in REFUSALS.values()}, name
        assert detail not in {rule.for_staff for rule in REFUSALS.values()}, name
    staff: dict[str, tuple[str, str, dict[str, Any] | None]] = {
        "a log": ("GET", f"{nothing}/log", None),
        "a test": ("GET", "/tests/none/results", None),
        "a mark": ("PUT", f"{path}/marks/single", {"score_mpt": 0}),
        "a command": ("POST", f"{path}/extend", {"add_ms": 1_000, "reason": ""}),
        "an override": ("PUT", "/tests/none/overrides/users/ada", {"override": {"extra_attempts": 1}, "reason": ""}),
        "a roster": ("POST", "/rosters", {"test_id": "none", "csv": "id\nada"}),
    }
    for name, (method, where, body) in staff.items():
        refused = await server.call(method, where, server.service, body)
        assert refused.body["detail"] == REFUSALS[Code(refused.code)].for_staff, name


async def test_no_refusal_shows_the_address_or_the_code_of_somebody_else(server: RunningServer) -> None:
    secret, address = "lighthouse-5150", "ada@private.example"
    lines = f"id,name,email,access_code\nada,Ada,{address},{secret}\nada,Ada,{address},{secret}\n"
    reply = await server.call("POST", "/rosters", server.service, {"test_id": TEST, "csv": lines})
    assert reply.code == Code.INVALID_ROSTER
    for hidden in (secret, address):
        assert hidden not in reply.raw.decode()


async def test_a_roster_that_contradicts_what_was_granted_is_refused_with_its_line(server: RunningServer) -> None:
    method, path, body = roster("id,opens,closes", "ada,2030-03-17T19:00Z,2030-03-17T21:00Z")
    (await server.call(method, path, server.service, body)).ok()
    before, granted = await kept(server), f"/tests/{TEST}/overrides"
    window = (await server.call("GET", granted, server.service)).ok()
    method, path, body = roster("id,closes", "bob,2030-03-17T19:30Z", "ada,2030-03-17T18:30Z")
    (mistake,) = (await server.call(method, path, server.service, body | {"dry_run": True})).ok()["mistakes"]
    assert (mistake["line"], mistake["column"]) == (3, "closes")
    refused = await server.call(method, path, server.service, body)
    assert (refused.code, f"line 3, closes: {mistake['reason']}" in refused.body["detail"]) == (
        Code.INVALID_ROSTER,
        True,
    )
    assert await kept(server) == before
    assert (await server.call("GET", granted, server.service)).ok() == window


async def test_a_later_opening_alone_may_lie_after_the_tests_end_where_she_has_a_later_end(
    server: RunningServer,
) -> None:
    """By another override of hers, or a group's: what each comes to beside the others is looked at."""
    (await server.call("PUT", "/people/ada", server.service, {"name": "Ada"})).ok()
    (await server.call("PUT", "/groups/hall", server.service, {"title": "Hall"})).ok()
    await server.make_test(opens_at_ms=TEST_OPENS_MS, closes_at_ms=TEST_CLOSES_MS)
    later = override(opens_at_ms=TEST_CLOSES_MS + HOUR_MS)
    assert (await server.call(later[0], later[1], server.service, later[2])).code == Code.INVALID_OVERRIDE
    (await server.call("PUT", "/groups/hall/members/ada", server.service, {})).ok()
    group = {"override": {"closes_at_ms": TEST_CLOSES_MS + 2 * HOUR_MS}}
    (await server.call("PUT", f"/tests/{TEST}/overrides/groups/hall", server.service, group)).ok()
    (await server.call(later[0], later[1], server.service, later[2])).ok()
    too_late = override(opens_at_ms=TEST_CLOSES_MS + 2 * HOUR_MS)
    refused = await server.call(too_late[0], too_late[1], server.service, too_late[2])
    assert "the end that is granted besides has passed" in refused.body["detail"]


async def test_a_roster_says_back_how_its_instants_were_read(server: RunningServer) -> None:
    """With the offset that each is written with: the page asks where it is that of another season there."""
    await server.make_test()
    lines = "id,opens,closes\nada,2030-07-01T09:00+01:00,2030-07-01T12:00Z\nbob,2030-07-01T09:00+01:00,\n"
    for dry_run in (True, False):
        body = {"test_id": TEST, "csv": lines, "dry_run": dry_run}
        told = (await server.call("POST", "/rosters", server.service, body)).ok()["instants"]
        assert [(one["written"], one["offset_ms"]) for one in told] == [
            ("2030-07-01T09:00+01:00", HOUR_MS),
            ("2030-07-01T12:00Z", 0),
        ]
        assert told[1]["at_ms"] - told[0]["at_ms"] == 4 * HOUR_MS


async def test_no_log_and_no_word_between_nodes_has_an_address_or_a_code(
    server: RunningServer, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level("DEBUG")
    said: list[bytes] = []
    publish = server.node.relay.publish

    def heard(channel: str, data: bytes) -> None:
        said.append(data)
        publish(channel, data)

    monkeypatch.setattr(server.node.relay, "publish", heard)
    secret, own, address = "lighthouse-5150", "harbour-4711", "ada@private.example"
    await server.make_test(access_code=secret, enrolment="required")
    lines = f"id,name,email,access_code\nada,Ada,{address},{own}\n"
    (await server.call("POST", "/rosters", server.service, {"test_id": TEST, "csv": lines})).ok()
    body = {"name": "Bob", "email": address}
    (await server.call("PUT", "/people/bob", server.service, body)).ok()
    (
        await server.call("PUT", "/enrolments", server.service, {"test_id": TEST, "user_id": "bob", "access_code": own})
    ).ok()
    attempt_id = await server.make_attempt("ada")
    async with await server.watch(), await server.sit(attempt_id) as socket:
        await socket.send("start", n=1, client_at_ms=0, access_code=secret)
        refused = await socket.until("refused")
        assert refused["code"] == Code.WRONG_CODE
        server.pass_time(60_000)
        await socket.send("start", n=2, client_at_ms=0, access_code=own)
        await socket.until("ack", n=2)
        server.node.rooms.flush()
    log = (await server.call("GET", f"/test-attempts/{attempt_id}/log", server.service)).raw
    audit = (await server.call("GET", "/audit", server.service)).raw
    assert said
    told = caplog.text.encode() + b"".join(said) + log + audit + str(refused).encode()
    for hidden in (secret, own, address):
        assert hidden.encode() not in told
