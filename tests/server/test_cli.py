"""The command: what an operator types, and what it says when that was wrong."""

import asyncio
import json
import sqlite3
import sys
import time
from contextlib import closing
from pathlib import Path
from zipfile import ZipFile

import pytest
import yaml
from typer.testing import CliRunner, Result

from loadtest.ports import free_port
from protocol.attempt.model import Role
from protocol.rules.scope import TokenScope
from server.access.tokens import Tokens
from server.app import VERSION
from server.cli import app
from server.clock import Clock
from server.settings import Settings
from tests.server.conftest import SECRET, StartServer
from tests.server.harness.exam import ORG, TEST
from tests.server.importing.qti.writing import MATCH, choices, correct, item, packed, response
from tests.server.media.files import png
from tests.services.processes import Processes
from tests.storage.newer import append_new

NO_ATTEMPT = "01890a5d-ac96-774b-bcce-b302099a8057"
EXAM = """
test_id: geometry
title: Geometry
questions:
  - id: q1
    type: true_false
    prompt: A circle is round.
    correct: true
"""


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder of our own, in the environment."""
    monkeypatch.setenv("PENCILSDOWN_DATA", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "data"


def run(*words: str) -> Result:
    return CliRunner().invoke(app, words)


def said(result: Result) -> str:
    assert result.exit_code == 0, result.output
    return result.output


def test_version() -> None:
    assert said(run("version")).strip() == VERSION


@pytest.mark.parametrize("command", [["serve"], ["demo"], ["migrate"], ["verify-log"]])
def test_a_wrong_setting_is_named_and_nothing_starts(
    data: Path, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    monkeypatch.setenv("PENCILSDOWN_PORT", "http")
    monkeypatch.setenv("PENCILSDOWN_COLOUR", "red")
    result = run(*command)
    assert result.exit_code == 2
    assert "PENCILSDOWN_COLOUR is not a setting" in result.output
    assert "PENCILSDOWN_PORT: " in result.output
    assert not data.exists()


def test_a_secret_that_cannot_be_read_is_named(data: Path) -> None:
    data.mkdir()
    (data / "token-secret").write_text("")
    result = run("serve")
    assert result.exit_code == 2
    assert "holds no secret" in result.output.replace("\n", " ")


def test_postgresql_without_a_secret(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PENCILSDOWN_DATABASE_URL", "postgresql://localhost/x")
    result = run("serve")
    assert result.exit_code == 2
    assert "PENCILSDOWN_TOKEN_SECRET must be set" in result.output


def test_a_token_is_one_line_that_the_server_believes(data: Path) -> None:
    words = "token --role instructor --user grace --org school --name Grace --hours 1"
    words += " --branch north --test t --test u --group room-1"
    result = said(run(*words.split()))
    (line,) = result.splitlines()
    principal = asyncio.run(Tokens(Settings(data=data), Clock()).verify(line))
    assert (principal.role, principal.actor.id, principal.org_id) == (Role.INSTRUCTOR, "grace", "school")
    assert (principal.name, principal.branch_id) == ("Grace", "north")
    assert principal.scope == TokenScope(frozenset({"north"}), frozenset({"t", "u"}), frozenset({"room-1"}))
    assert 0 < principal.expires_at_ms - Clock().now_ms() <= 3_600_000


def test_nobody_gets_a_token_of_the_system(data: Path) -> None:
    assert run("token", "--role", "system", "--user", "x").exit_code == 2
    assert run("token", "--role", "candidate").exit_code == 2, "whose?"


def test_a_token_that_the_server_would_refuse_is_not_printed(data: Path) -> None:
    whose = ["token", "--role", "candidate", "--user"]
    long_name = run(*whose, "ada", "--name", "a" * 201)
    assert long_name.exit_code == 1
    assert long_name.output == "A name has at most 200 characters.\n"
    assert "must not begin or end with white space" in run(*whose, " ada").output
    line = said(run(*whose, "ada", "--name", " ")).strip()
    assert asyncio.run(Tokens(Settings(data=data), Clock()).verify(line)).name is None


def test_import_says_what_it_understood(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        file = tmp_path / "exam.yaml"
        file.write_text(EXAM + "rules: {duration: 90 min, opens_at: '2027-03-01T09:00:00+01:00'}")
        result = said(run("import", str(file)))
    finally:
        monkeypatch.undo()
        time.tzset()
    assert "Lasts 1 h 30 min" in result
    assert "Opens  2027-03-01 17:00:00 JST, which is 2027-03-01 08:00:00 UTC." in result


def test_import_warns_of_a_test_that_is_named_nearly_the_same(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "exam.yaml"
    file.write_text(EXAM)
    assert "another test" not in said(run("import", str(file)))
    assert "another test" not in said(run("import", str(file)))
    file.write_text(EXAM.replace("geometry", "Geometry"))
    assert "There is another test geometry whose id differs in letter case alone" in said(run("import", str(file)))


def test_import_stores_and_replaces(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "exam.yaml"
    file.write_text(EXAM)
    assert "Test geometry, version 1, is stored for organisation demo" in said(run("import", str(file)))
    file.write_text(EXAM.replace("round", "flat"))
    assert "version 2" in said(run("import", str(file)))
    assert "version 2" in said(run("import", str(file))), "the same once more"
    assert "organisation school" in said(run("import", str(file), "--org", "school"))


def test_import_stores_no_test_that_keeps_pictures_for_longer_than_the_operator_allows(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "exam.yaml"
    file.write_text(EXAM + "rules: {captures: {screen: {asks: offered, every: 30s, keep_days: 31}}}")
    monkeypatch.setenv("PENCILSDOWN_KEEP_AT_MOST", "captured_days=30")
    refused = run("import", str(file))
    assert refused.exit_code == 1
    assert "the operator keeps pictures for 30 days at most, and `keep_days` is 31." in " ".join(refused.output.split())
    monkeypatch.setenv("PENCILSDOWN_KEEP_AT_MOST", "captured_days=31")
    assert "version 1, is stored" in said(run("import", str(file))), "and nothing was before"


def test_import_of_another_format_tells_what_became_of_each_question(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "Logic 1.gift"
    file.write_text("[html]<p onclick='x'>Is it so?</p>{T#no#yes}\n\nWhich?{=a ~b}\n")
    told = said(run("import", str(file), "--title", "Logic"))
    assert "Logic 1.gift, line 1: taken with loss. left out: `onclick` of `<p>`" in told
    assert "Test logic-1, version 1, is stored for organisation demo" in told
    assert "Logic: 2 questions, worth 2 in all." in told
    assert "Test reasoning, version 1" in said(run("import", str(file), "--test", "reasoning"))


def test_import_stores_nothing_where_a_question_is_refused(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "logic.gift"
    file.write_text("Is it so?{T}\n\nWhich?{~a ~b}\n")
    refused = run("import", str(file))
    assert refused.exit_code == 1
    assert "line 3: refused. No answer is right." in refused.output
    assert "1 of 2 were refused: nothing is stored." in refused.output
    assert "version 1, is stored" in said(run("import", str(file), "--leave-out")), "and nothing was before"


def test_a_dry_run_stores_nothing_and_prints_what_it_would_take(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "logic.gift"
    file.write_text("Is it so?{T}\n")
    told = run("import", str(file), "--dry-run", "--json")
    assert json.loads(told.stdout) == [
        {"source": "logic.gift", "item": "line 1", "outcome": "taken", "reasons": [], "interactions": ["true_false"]}
    ]
    assert "version 1, is stored" in said(run("import", str(file)))
    exam = tmp_path / "exam.yaml"
    exam.write_text(EXAM)
    assert {one["outcome"] for one in json.loads(run("import", str(exam), "--dry-run", "--json").stdout)} == {"taken"}


def test_a_package_is_stored_with_its_pictures_and_its_own_title(data: Path, tmp_path: Path) -> None:
    body = '<p>Which?</p><p><img src="map.png" alt="A map"/></p>' + choices("A", "B")
    written = item(response("R", "single", "identifier", correct("A")), body, MATCH)
    file = tmp_path / "Exam 1.zip"
    file.write_bytes(packed({"item.xml": written, "map.png": png()}))
    said(run("import", str(file), "--dry-run"))
    assert not (data / "pencilsdown.sqlite3").exists()
    assert "Test exam-1, version 1" in said(run("import", str(file)))
    with closing(sqlite3.connect(data / "pencilsdown.sqlite3")) as database:
        assert database.execute("select type, width, height from media").fetchall() == [("image/png", 3, 2)]


def test_answers_are_tried_against_a_file(data: Path, tmp_path: Path) -> None:
    file, answers = tmp_path / "logic.gift", tmp_path / "answers.json"
    file.write_text("Is it so?{T}\n\nWhy?{}\n\nWhich?{=a ~b}\n")
    answers.write_text('{"q1": "true", "q2": "So.", "q3": "c", "q4": 1}')
    told = run("try", str(file), "--answers", str(answers))
    assert told.stdout.splitlines() == [
        "q1: 1 of 1",
        "q2: a person judges it, of 1",
        "q3: This is no answer to it (unknown_option).",
        "1 of 3; 1 wait for a person",
    ]
    assert "q4: the test has no such question." in told.output
    tried = json.loads(run("try", str(file), "--answers", str(answers), "--json").stdout)
    assert (tried["score_mpt"], [mark["score_mpt"] for mark in tried["marks"]]) == (1_000, [1_000, None, None])
    assert not data.exists() or not list(data.iterdir())
    questions = [
        {"id": "tried", "type": "single_choice", "prompt": "?", "options": ["A", "B"], "correct": "B", "scored": False},
        {"id": "asks", "type": "single_choice", "prompt": "?", "options": ["A", "B"], "scored": False},
        {"id": "counts", "type": "true_false", "prompt": "?", "correct": True},
    ]
    file = tmp_path / "pretest.yaml"
    file.write_text(yaml.safe_dump({"test_id": "t", "title": "T", "rules": {}, "questions": questions}))
    answers.write_text('{"tried": "b", "asks": "a"}')
    assert run("try", str(file), "--answers", str(answers)).stdout.splitlines() == [
        "tried: does not count; its key gives 1 of 1",
        "asks: does not count",
        "counts: 0 of 1",
        "0 of 1",
    ]
    for wrong in ("[]", "{"):
        answers.write_text(wrong)
        assert run("try", str(file), "--answers", str(answers)).exit_code == 1


def test_a_mistake_in_an_exam_is_named_by_its_line(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "exam.yaml"
    for written in (EXAM.replace("true_false", "trew_false").encode(), EXAM.encode() + b"\xff"):
        file.write_bytes(written)
        result = run("import", str(file))
        assert result.exit_code == 1
        assert "Traceback" not in result.output
        assert result.exception is None or isinstance(result.exception, SystemExit)
        assert result.output.strip()


def test_migrate_can_be_repeated(data: Path) -> None:
    assert "up to date" in said(run("migrate"))
    assert "up to date" in said(run("migrate"))
    assert (data / "pencilsdown.sqlite3").exists()


def test_a_database_without_tables_is_named(data: Path) -> None:
    data.mkdir()
    (data / "pencilsdown.sqlite3").write_bytes(b"")
    result = run("verify-log")
    assert result.exit_code == 1
    assert "pencilsdown migrate" in result.output.replace("\n", " ")


def test_a_database_that_is_none_is_named(data: Path) -> None:
    data.mkdir()
    (data / "pencilsdown.sqlite3").write_bytes(b"this is no database at all" * 100)
    result = run("migrate")
    assert result.exit_code == 1
    assert "not a database" in result.output


async def test_verify_log_finds_a_changed_byte(start_server: StartServer, data: Path) -> None:
    server = await start_server(data=data)
    await server.make_test()
    attempt_id = await server.started()
    await server.make_attempt("bob")
    await server.stop()
    assert "2 attempts, 3 records, 0 broken" in said(await asyncio.to_thread(run, "verify-log"))
    assert "1 attempts, 2 records" in said(await asyncio.to_thread(run, "verify-log", "--attempt", attempt_id))
    unknown = await asyncio.to_thread(run, "verify-log", "--attempt", "01890a5d-ac96-774b-bcce-b302099a8057")
    assert unknown.exit_code == 1
    connection = sqlite3.connect(data / "pencilsdown.sqlite3")
    connection.execute("UPDATE attempt_log SET body = CAST(body || x'00' AS BLOB) WHERE seq = 2")
    connection.commit()
    connection.close()
    told = json.loads((await asyncio.to_thread(run, "verify-log", "--json")).stdout)
    assert (told["attempts"], told["records"], len(told["broken"])) == (2, 3, 1)
    broken = await asyncio.to_thread(run, "verify-log")
    assert broken.exit_code == 1
    assert "1 broken" in broken.output
    assert attempt_id in broken.output.replace("\n", "")


async def test_verify_log_names_what_only_a_newer_version_knows_and_passes(
    start_server: StartServer, data: Path
) -> None:
    server = await start_server(data=data)
    await server.make_test()
    attempt_id = await server.started()
    await append_new(server.node.database, attempt_id)
    await server.stop()
    output = said(await asyncio.to_thread(run, "verify-log"))
    assert f"attempt {attempt_id}: this version does not know the kind noted, first in record 3; the chain holds" in (
        output.replace("\n", "")
    )
    assert "1 attempts, 3 records, 0 broken" in output


def test_serve_says_where_and_stops_in_order(processes: Processes, tmp_path: Path) -> None:
    port = free_port()
    env = {"PENCILSDOWN_DATA": str(tmp_path), "PENCILSDOWN_PORT": str(port), "PENCILSDOWN_TOKEN_SECRET": SECRET}
    child = processes.start(
        [sys.executable, "-c", "from server.cli import main; main()", "serve"], env=env | {"PENCILSDOWN_DRAIN_MS": "0"}
    )
    child.wait_for_line(f"Serving at http://127.0.0.1:{port}")
    assert child.terminate() == 0
    assert "Traceback" not in child.output
    assert TEST not in child.output


def test_serve_on_a_port_that_is_taken_says_so(processes: Processes, tmp_path: Path) -> None:
    import socket

    with socket.create_server(("127.0.0.1", free_port())) as taken:
        env = {"PENCILSDOWN_DATA": str(tmp_path), "PENCILSDOWN_PORT": str(taken.getsockname()[1])}
        child = processes.start([sys.executable, "-c", "from server.cli import main; main()", "serve"], env=env)
        assert child.wait() != 0
        assert "Address already in use" in child.output


def test_a_roster_is_imported_or_its_mistakes_are_named(data: Path, tmp_path: Path) -> None:
    exam, file = tmp_path / "exam.yaml", tmp_path / "people.csv"
    exam.write_text(EXAM, "utf-8")
    file.write_bytes(b"\xef\xbb\xbfid;extra_minutes\r\nada;15\r\nbob;\r\n")
    said(run("import", str(exam), "--org", "school"))
    here = ("roster", str(file), "--org", "school", "--test", "geometry")
    assert said(run(*here, "--dry-run")) == "2 would be made, 0 would be changed, 0 unchanged\n"
    assert said(run(*here)) == "2 made, 0 changed, 0 unchanged\n"
    assert said(run(*here)) == "0 made, 0 changed, 2 unchanged\n"
    assert said(run("check-schedule", "geometry", "--org", "school")) == "2 candidates, 0 warnings\n"
    exam.write_text(f"{EXAM}rules: {{opens_at: 2027-03-01T09:00Z, closes_at: 2027-03-01T10:00Z}}\n", "utf-8")
    said(run("import", str(exam), "--org", "school"))
    result = run("check-schedule", "geometry", "--org", "school")
    assert (result.exit_code, "ada: The window is 15 min too short" in result.output) == (1, True), result.output
    result = run("check-schedule", "geometry", "--org", "school", "--json")
    told = json.loads(result.stdout)
    assert (result.exit_code, told["candidates"], told["warnings"][0]["user_id"]) == (1, 2, "ada")
    assert run("check-schedule", "algebra", "--org", "school").exit_code == 1
    assert "There is no test algebra" in run("roster", str(file), "--org", "school", "--test", "algebra").output
    assert run("roster", str(file), "--org", "school").exit_code == 2
    file.write_bytes(b"id,closes\nada,2027-03-01T09:45Z")
    assert said(run(*here)) == "0 made, 1 changed, 0 unchanged\n"
    for content, line in (
        (b"id,extra_minutes\nada,-1\nada,2", "line 2, extra_minutes: write minutes from 0 to 1440"),
        (b"id\nada\n\xff", "line 3: it is not written in UTF-8"),
        (b"id,opens\nada,2027-03-01T09:50Z", "line 2, opens: the window would open when the end that was granted"),
    ):
        file.write_bytes(content)
        result = run(*here)
        assert (result.exit_code, line in result.output) == (1, True), result.output
    file.write_bytes(b"id,extra_minutes\nada,-1")
    result = run(*here, "--json")
    assert result.exit_code == 1
    [mistake] = json.loads(result.stdout)["mistakes"]
    assert (mistake["line"], mistake["column"]) == (2, "extra_minutes")
    file.write_bytes(b"id\neve")
    told = json.loads(said(run(*here, "--dry-run", "--json")))
    assert told == {"mistakes": [], "made": 1, "changed": 0, "unchanged": 0, "dry_run": True, "seasons": []}


def test_a_window_with_the_offset_of_another_season_is_said_back_for_a_roster_too(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    exam, file = tmp_path / "exam.yaml", tmp_path / "people.csv"
    exam.write_text(EXAM, "utf-8")
    said(run("import", str(exam), "--org", "school"))
    file.write_text(
        "id,opens,closes\n"
        "ada,2027-07-01T09:00+01:00,2027-07-01T12:00+02:00\n"
        "bob,2027-07-01T09:00+01:00,2027-07-01T12:00+02:00\n"
    )
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    try:
        found = said(run("roster", str(file), "--org", "school", "--test", "geometry", "--dry-run"))
    finally:
        monkeypatch.undo()
        time.tzset()
    assert found.splitlines() == [
        (
            "`2027-07-01T09:00+01:00` is written with the offset of another season: 2027-07-01T09:00:00+01:00 is"
            " 2027-07-01 10:00:00 CEST on the clocks here. Is that what you mean?"
        ),
        "2 would be made, 0 would be changed, 0 unchanged",
    ]


async def test_two_papers_are_compared(start_server: StartServer, data: Path) -> None:
    server = await start_server(data=data)
    await server.make_test()
    await server.make_test("other")
    one, two, waiting = await server.started("ada"), await server.started("bob"), await server.make_attempt("eve")
    elsewhere = await server.started("ada", test_id="other")
    await server.stop()

    async def papers(*words: str) -> Result:
        return await asyncio.to_thread(run, "papers", *words)

    assert said(await papers(one, two, "--org", ORG)) == "equal\n"
    told = json.loads(said(await papers(one, two, "--org", ORG, "--json")))
    assert told == {"equal": True, "of_equal_worth": True, "differences": []}
    for other, what in ((waiting, "was not started"), (elsewhere, "different tests"), (NO_ATTEMPT, "no attempt")):
        result = await papers(one, other, "--org", ORG)
        assert (result.exit_code, what in result.output) == (1, True), result.output
    assert (await papers(one, two, "--org", "elsewhere")).exit_code == 1


def test_what_an_author_should_look_at_is_said(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "exam.yaml"
    file.write_text(
        EXAM + "  - {id: q2, type: single_choice, prompt: 'Which?', options: [{a: A}, {b: A}, {c: C}], correct: c}\n"
    )
    twins = "question 'q2': Two options are equal: 'a' and 'b'."
    assert twins in said(run("import", str(file), "--dry-run"))
    assert twins in said(run("import", str(file)))
    found = run("lint", "geometry", "--org", "demo")
    assert found.exit_code == 1
    assert sorted(found.output.splitlines()) == ["1 findings", twins]
    file.write_text(EXAM)
    assert "equal" not in said(run("import", str(file)))
    assert said(run("lint", "geometry", "--org", "demo")) == "0 findings\n"
    assert json.loads(said(run("lint", "geometry", "--org", "demo", "--json"))) == []
    assert "no test algebra" in run("lint", "algebra", "--org", "demo").output


def test_a_test_that_is_exported_is_imported_again_unchanged(data: Path, tmp_path: Path) -> None:
    folder = tmp_path / "exam"
    folder.mkdir()
    packed = folder / "shapes.zip"
    with ZipFile(packed, "w") as out:
        out.writestr("shapes.yaml", EXAM + "  - {id: q2, type: essay, prompt: '![A star](star.png)'}\n")
        out.writestr("star.png", png())
    assert "version 1, is stored" in said(run("import", str(packed)))
    for name in ("out.yaml", "out.zip"):
        target = tmp_path / name
        assert f"is in {target}" in said(run("export-test", "geometry", str(target), "--org", "demo"))
        assert "version 1, is stored" in said(run("import", str(target))), "it is the same"
    assert "version 1, is stored" in said(run("import", str(tmp_path / "out.zip"), "--org", "school"))
    refused = run("import", str(tmp_path / "out.yaml"), "--org", "college")
    assert "is not stored" in refused.output, "the pictures are in the other one"
    assert run("export-test", "geometry", str(tmp_path / "out.zip"), "--org", "demo").exit_code == 1, "it is there"
    assert "no test algebra" in run("export-test", "algebra", str(tmp_path / "x.yaml"), "--org", "demo").output
    assert not (tmp_path / "x.yaml").exists()


def test_a_package_of_qti_names_what_it_does_not_say(data: Path, tmp_path: Path) -> None:
    file, target = tmp_path / "exam.yaml", tmp_path / "out.zip"
    file.write_text(EXAM + "  - {id: q2, type: numeric, prompt: Length, correct: 3, unit: m}\n")
    said(run("import", str(file)))
    refused = run("export-test", "geometry", str(target), "--org", "demo", "--qti")
    assert refused.exit_code == 1
    assert "question 'q2' has a unit behind its field, which QTI does not know" in " ".join(refused.output.split())
    assert not target.exists()
    assert "is in" in said(run("export-test", "geometry", str(target), "--org", "demo", "--qti", "--leave-out"))
    assert "Geometry: 1 question, worth 1 in all." in said(run("import", str(target)))
    wrong = run("export-test", "geometry", str(tmp_path / "out.yaml"), "--org", "demo", "--qti")
    assert "A package of QTI is a .zip file." in wrong.output
