"""The results of a whole test, and their release."""

import csv
from decimal import Decimal
from io import BytesIO, StringIO

import pyarrow  # type: ignore[import-untyped]
import pyarrow.parquet as parquet  # type: ignore[import-untyped]
import pytest

from protocol.attempt.model import Role
from protocol.codes import Code
from server.api import gradebook_files
from tests.server.api.test_results import mark, seen
from tests.server.api.test_statistics import sat
from tests.server.conftest import SELDOM_ON_POSTGRES, StartServer
from tests.server.harness.exam import ANSWERS, CANDIDATE, SCORE_MPT, TEST, exam
from tests.server.harness.running import HOUR_MS, RunningServer
from tests.server.marking.test_marker import submitted

GRADES = [{"label": "pass", "from_permille": 500}, {"label": "good", "from_permille": 1_000}]


async def test_staff_release_results_and_hold_them_back_again(server: RunningServer) -> None:
    await server.make_test(release="by_staff", grades=GRADES)
    attempt_id = await submitted(server, ANSWERS)
    await server.reaches(attempt_id, "completed")
    assert (await seen(server, attempt_id)).code == Code.NOT_RELEASED
    assert (await seen(server, attempt_id, token=server.instructor)).ok()["grade"] == "good", "staff see it"
    path = f"/tests/{TEST}/release"
    assert (await server.call("POST", path, server.token(), {})).status == 403
    released = (await server.call("POST", path, server.instructor, {})).ok()
    assert (await server.call("POST", path, server.instructor, {})).ok() == released, "again is the same"
    shown = (await seen(server, attempt_id)).ok()
    assert (shown["score_mpt"], shown["grade"], len(shown["marks"])) == (SCORE_MPT, "good", len(ANSWERS))
    (await server.call("POST", path, server.instructor, {"released": False, "reason": "A key is wrong."})).ok()
    assert (await seen(server, attempt_id)).code == Code.NOT_RELEASED
    assert (await server.call("POST", "/tests/nowhere/release", server.instructor, {})).status == 404


async def test_results_come_when_the_window_has_closed_for_everybody(start_server: StartServer) -> None:
    server = await start_server()
    closes_at_ms = server.clock.now_ms() + HOUR_MS
    await server.make_test("window", closes_at_ms=closes_at_ms, release="window_closed")
    attempt_id = await submitted(server, ANSWERS, "window")
    await server.reaches(attempt_id, "completed")
    until_ms = closes_at_ms + 2_000
    for left_ms, after_s in ((None, 3_602), (1_500, 2), (1, 1)):
        if left_ms is not None:
            server.pass_time(until_ms - left_ms - server.clock.now_ms())
        refused = await seen(server, attempt_id)
        assert (refused.code, refused.headers["retry-after"]) == (Code.NOT_RELEASED, str(after_s))
    server.pass_time(1)
    assert (await seen(server, attempt_id)).ok()["score_mpt"] == SCORE_MPT


async def test_feedback_and_score_alone_are_shown_as_the_newest_rules_say(server: RunningServer) -> None:
    body = exam(shows="feedback")
    single, multiple = body["questions"][:2]
    single["feedback"] = "See chapter 2."
    single["interactions"][0]["option_feedback"] = {"a": "No.", "b": "Just so."}
    multiple["score_feedback"] = [
        {"from_permille": 1_000, "body": "Both are found."},
        {"from_permille": 0, "body": "There are two."},
    ]
    (await server.call("PUT", f"/tests/{TEST}", server.service, body)).ok()
    attempt_id = await submitted(server, ANSWERS)
    await server.reaches(attempt_id, "completed")
    marks = (await seen(server, attempt_id)).ok()["marks"]
    assert [one["feedback"] for one in marks] == ["See chapter 2.", None, None, None, None]
    result = (await seen(server, attempt_id)).ok()
    assert [(one["question_id"], one["response_id"], one["option"], one["body"]) for one in result["feedback"]] == [
        ("single", "answer", "Option b", "Just so."),
        ("multiple", None, None, "Both are found."),
    ]
    assert (await seen(server, attempt_id, token=server.instructor)).ok()["feedback"] is None
    paper = await server.call("GET", f"/test-attempts/{attempt_id}/paper", server.instructor)
    assert not any(said in paper.raw for said in (b"chapter 2", b"Just so", b"No.", b"There are two", b"feedback"))
    body["rules"]["shows"] = "score"
    (await server.call("PUT", f"/tests/{TEST}", server.service, body)).ok()
    shown = (await seen(server, attempt_id)).ok()
    assert (shown["score_mpt"], shown["marks"], shown["marks_from_ms"], shown["feedback"]) == (
        SCORE_MPT,
        [],
        None,
        None,
    )


async def test_staff_who_read_results_see_formal_warnings_and_nobody_else_does(server: RunningServer) -> None:
    await server.make_test(essay=True)
    attempt_id = await server.started()
    path = f"/test-attempts/{attempt_id}"
    ida = server.token(Role.INVIGILATOR, "ida")
    (await server.call("POST", f"{path}/warn", ida, {"reason": "A phone was on the table."})).ok()
    (await server.call("POST", f"{path}/messages", ida, {"text": "Please look up."})).ok()
    answer = {"n": 1, "question_id": "essay", "value": "Because.", "client_at_ms": 0}
    (await server.act("POST", f"{path}/answers", server.token(), {"answers": [answer]})).ok()
    (await server.act("POST", f"{path}/complete", server.token(), {})).ok()
    await server.node.marker.mark([attempt_id])
    (warning,) = (await seen(server, attempt_id, token=server.instructor)).ok()["warnings"]
    assert 0 <= server.clock.now_ms() - warning["at_ms"] < HOUR_MS
    assert warning == {
        "at_ms": warning["at_ms"],
        "reason": "A phone was on the table.",
        "seen": False,
        "role": "invigilator",
    }
    (await server.started("bob"))
    listed = (await server.call("GET", f"/tests/{TEST}/results", server.instructor)).ok()["candidates"]
    assert [one["attempts"][0]["warnings"] for one in listed] == [[warning], []]
    exported = (await server.call("GET", f"/users/{CANDIDATE}/export", server.service)).ok()
    assert exported["attempts"][0]["warnings"] == [warning]
    marker = server.token(Role.MARKER, "mia")
    marked = await server.call("PUT", f"{path}/marks/essay", marker, {"score_mpt": 4_000})
    assert marked.ok()["warnings"] is None
    await server.reaches(attempt_id, "completed")
    assert (await seen(server, attempt_id)).ok()["warnings"] is None
    (await server.call("DELETE", f"/users/{CANDIDATE}", server.service)).ok()
    after = await server.call("GET", f"/tests/{TEST}/results", server.instructor)
    assert b"phone" not in after.raw


async def test_the_list_names_the_attempt_that_counts_page_by_page(server: RunningServer) -> None:
    await server.make_test(essay=True, max_attempts=None, counts="best", grades=GRADES)
    waiting = ""
    for user_id, tries in (("ada", [{"single": "a"}, ANSWERS, {}]), ("bob", [{"essay": "Because."}])):
        for answers in tries:
            attempt_id = await server.started(user_id)
            listed = [
                {"n": n, "question_id": question, "value": value, "client_at_ms": 0}
                for n, (question, value) in enumerate(answers.items(), 1)
            ]
            path = f"/test-attempts/{attempt_id}"
            if listed:
                (await server.call("POST", f"{path}/answers", server.service, {"answers": listed})).ok()
            (await server.call("POST", f"{path}/complete", server.service, {})).ok()
            await server.reaches(attempt_id, "submitted" if "essay" in answers else "completed")
            await server.node.marker.mark([attempt_id])
            waiting = attempt_id
    page = (await server.call("GET", f"/tests/{TEST}/results?limit=1", server.instructor)).ok()
    (ada,) = page["candidates"]
    after = page["next"]
    assert [one["score_mpt"] for one in ada["attempts"]] == [0, SCORE_MPT, 0]
    assert ada["counting_attempt_id"] == ada["attempts"][1]["attempt_id"]
    assert (ada["score_mpt"], ada["max_mpt"], ada["grade"]) == (SCORE_MPT, SCORE_MPT + 5_000, "pass")
    assert {(one["version"], one["key_version"], one["complete"]) for one in ada["attempts"]} == {(1, 2, True)}
    rest = (await server.call("GET", f"/tests/{TEST}/results?after={after}", server.instructor)).ok()
    (bob,) = rest["candidates"]
    assert rest["next"] is None
    assert (bob["user_id"], bob["score_mpt"], bob["counting_attempt_id"], bob["grade"]) == ("bob", None, None, None)
    assert [one["awaiting_marks"] for one in bob["attempts"]] == [1]
    (await mark(server, waiting, "essay", score_mpt=5_000)).ok()
    again = (await server.call("GET", f"/tests/{TEST}/results?after={after}", server.instructor)).ok()["candidates"][0]
    assert (again["score_mpt"], again["counting_attempt_id"]) == (5_000, waiting)
    versions = await server.call("GET", f"/test-attempts/{waiting}/result-versions", server.instructor)
    assert [(one["version"], one["score_mpt"]) for one in versions.ok()["versions"]] == [(1, 0), (2, 5_000)]
    assert (await server.call("GET", f"/tests/{TEST}/results", server.token())).status == 403


async def test_staff_of_one_branch_see_its_candidates_and_release_nothing(server: RunningServer) -> None:
    path = f"/tests/{TEST}/results"
    for user, branch in (("ada", "north"), ("bob", "south")):
        made = await server.call(
            "POST", "/test-attempts", server.token(user=user, branches=[branch]), {"test_id": TEST}
        )
        assert made.status == 201
        staff = server.token(Role.INSTRUCTOR, "grace", branches=[branch])
        assert [one["user_id"] for one in (await server.call("GET", path, staff)).ok()["candidates"]] == [user]
        assert (await server.call("POST", f"/tests/{TEST}/release", staff, {})).code == Code.FORBIDDEN
    grouped = server.token(Role.INSTRUCTOR, "grace", groups=["room"])
    assert (await server.call("GET", path, grouped)).ok()["candidates"] == []
    assert len((await server.call("GET", path, server.instructor)).ok()["candidates"]) == 2


async def test_a_cancelled_attempt_counts_nowhere(server: RunningServer) -> None:
    attempt_id = await server.started()
    (await server.call("POST", f"/test-attempts/{attempt_id}/cancel", server.instructor, {"reason": "ill"})).ok()
    listed = (await server.call("GET", f"/tests/{TEST}/results", server.instructor)).ok()
    assert (listed["candidates"], listed["next"]) == ([], None)


@SELDOM_ON_POSTGRES
async def test_gradebooks_as_files(either_server: RunningServer) -> None:
    server = either_server
    await server.make_test(essay=False)
    await sat(server, "ada", ANSWERS)
    await server.started("bob")
    person = {"name": "=Ada", "email": "ada@example.org", "branch_id": None}
    (await server.call("PUT", "/people/ada", server.token(Role.ADMINISTRATOR, "root"), person)).ok()
    path = f"/tests/{TEST}/gradebook"
    plain = await server.call("GET", f"{path}.csv", server.instructor)
    assert plain.headers["content-disposition"] == 'attachment; filename="gradebook.csv"'
    rows = list(csv.DictReader(StringIO(plain.raw.decode("utf-8-sig"))))
    assert plain.raw.startswith(b"\xef\xbb\xbf")
    points = str(SCORE_MPT // 1_000)
    assert [(row["user_id"], row["email"], row["points"], row["percent"]) for row in rows] == [
        ("ada", "ada@example.org", points, "100.00"),
        ("bob", "", "", ""),
    ]
    assert not any(cell.startswith("=") for row in rows for cell in row.values())
    canvas = await server.call("GET", f"{path}.csv?layout=canvas", server.instructor)
    assert canvas.raw.startswith(b"Student,ID,SIS User ID,SIS Login ID,Section,")
    marked = await server.call("GET", f"{path}.csv?layout=moodle&mark=yes", server.instructor)
    assert marked.raw.startswith(b"\xef\xbb\xbfFull name,ID number,Email address,")
    assert (await server.call("GET", f"{path}.csv?layout=excel", server.instructor)).code == Code.OUT_OF_RANGE
    book = await server.call("GET", f"{path}.xlsx", server.instructor)
    assert book.headers["content-type"] == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    assert book.raw.startswith(b"PK")
    assert (await server.call("GET", f"{path}.xlsx", server.token(Role.MARKER, "mia"))).code == Code.FORBIDDEN


async def test_a_gradebook_as_a_parquet_file(server: RunningServer, monkeypatch: pytest.MonkeyPatch) -> None:
    await server.make_test(essay=False)
    await sat(server, "ada", ANSWERS)
    await server.started("bob")
    (await server.call("PUT", "/people/ada", server.token(Role.ADMINISTRATOR, "root"), {"name": "=Ada"})).ok()
    path = f"/tests/{TEST}/gradebook.parquet"
    taken = await server.call("GET", path, server.instructor)
    assert taken.headers["content-disposition"] == 'attachment; filename="gradebook.parquet"'
    table = parquet.read_table(BytesIO(taken.raw))
    ada, bob = table.to_pylist()
    points = Decimal(SCORE_MPT).scaleb(-3)
    assert (ada["user_id"], ada["points"], ada["of"], ada["percent"]) == ("ada", points, points, Decimal("100.00"))
    assert (bob["user_id"], bob["points"], bob["percent"], bob["attempts"]) == ("bob", None, None, 1)
    assert table.schema.field("points").type == pyarrow.decimal128(18, 3)
    assert (await server.call("GET", path, server.token(Role.MARKER, "mia"))).code == Code.FORBIDDEN
    # As on a server without the extra.
    monkeypatch.setattr(gradebook_files, "is_installed", lambda form: False)
    assert (await server.call("GET", path, server.instructor)).code == Code.NOT_INSTALLED
