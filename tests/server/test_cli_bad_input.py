"""Whatever makes no sense on the command line is refused with a sentence, and nothing of it is done."""

import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from typer.testing import CliRunner

from server.cli import app
from tests.server.test_cli import EXAM, NO_ATTEMPT, run

ORG: Final = ("--org", "school")
GEOMETRY: Final = (*ORG, "--test", "geometry")
MARKER: Final = ("token", "--role", "marker", "--user")
CANDIDATE: Final = ("token", "--role", "candidate", "--user", "a")


def items(text: str) -> str:
    """The exam with one section of these items."""
    return f"{EXAM}sections: [{{id: s, title: S, items: {text}}}]\n"


def rules(text: str) -> str:
    return f"{EXAM}rules: {{{text}}}\n"


EXAMS: Final = {
    "a list": ("- a\n- b\n", "it must have fields"),
    "no fields": ("hello", "it must have fields"),
    "nothing": ("", "it must have fields"),
    "no YAML": ("a: [b\nc: }", "line 2"),
    "a circle": (f"{EXAM}rules: &a\n  x: *a\n", "an alias (*name) is not allowed"),
    "a circular pool": (items("&p [{draw: 1, of: *p}]"), "an alias (*name) is not allowed"),
    "a pool in a pool": (items("[{draw: 1, of: [{draw: 1, of: [q1]}]}]"), "a pool with a draw in it"),
    "a pool smaller than its draw": (items("[{draw: 3, of: [q1]}]"), "section 's'"),
    "a pool of questions that are not there": (items("[{draw: 1, of: [q9]}]"), "q9"),
    "a negative draw": (items("[{draw: -1, of: [q1]}]"), "a draw of no question"),
    "a draw of nothing": (items("[{draw: 0, of: [q1]}]"), "a draw of no question"),
    "a grade without a name": (rules("grades: {'': 50 %}"), "rules"),
    "a grade that is never reached": (rules("grades: {pass: 500 %}"), "rules"),
    "an option without words": (
        f"{EXAM}  - {{id: q2, type: single_choice, prompt: Which one, options: ['', b], correct: a}}\n",
        "question 'q2'",
    ),
    "a tag of no question": (items("[{draw: 1, tag: none}]"), "section 's'"),
    "a negative time": (rules("duration: -5 min"), "must be a duration"),
    "an absurd time": (rules("duration: 99999999 h"), "`duration`"),
    "a time without a unit": (rules("duration: 5400"), "must name its unit"),
    "a window that closes first": (
        rules("opens_at: 2027-03-01T12:00Z, closes_at: 2027-03-01T09:00Z"),
        "the window closes before it opens",
    ),
    "two same ids": (
        f"{EXAM}  - {{id: q1, type: true_false, prompt: Again., correct: true}}\n",
        "two questions have the same id",
    ),
    "an unknown type": (EXAM.replace("true_false", "trew_false"), "`type` must be one of"),
    "an id with a slash": (EXAM.replace("geometry", "geo/metry"), "must not have a slash"),
}
ROSTERS: Final = {
    "nothing": ("", "the roster is empty"),
    "a header alone": ("id\n", "there is nobody in it"),
    "no ids": ("name\nAda\n", "there is no column `id`"),
    "two same ids": ("id\nbob\nbob\n", "line 3, id: bob is in line 2 too"),
    "ids that look alike": ("id\nbob\nBOB\n", "differ in letter case alone"),
    "a column that is none": ("id,shoe\nbob,4\n", "line 1, shoe: there is no such column"),
    "a column twice": ("id,name,Name\nbob,B,B\n", "this column is there twice"),
    "negative minutes": ("id,extra_minutes\nbob,-5\n", "line 2, extra_minutes"),
    "absurd minutes": ("id,extra_minutes\nbob,999999\n", "line 2, extra_minutes"),
    "a negative factor": ("id,extra_factor\nbob,-1\n", "line 2, extra_factor"),
    "minutes and a factor": ("id,extra_minutes,extra_factor\nbob,5,1.5\n", "not both"),
    "a window that closes first": (
        "id,opens,closes\nbob,2027-03-01T12:00Z,2027-03-01T09:00Z\n",
        "line 2, closes: the window closes before it opens",
    ),
    "an instant without a zone": ("id,opens\nbob,2027-03-01T12:00\n", "line 2, opens"),
    "a day that is none": ("id,opens\nbob,2027-02-30T12:00Z\n", "line 2, opens"),
    "one wrong line of many": ("id\n" + "".join(f"user-{n}\n" for n in range(50)) + "x,y\n", "line 52"),
}
CALLS: Final[list[tuple[tuple[str, ...], str]]] = [
    (("serve", "--workers", "0"), "--workers"),
    (("serve", "--workers", "2"), "needs PostgreSQL"),
    (("demo", "now"), "extra argument"),
    (("migrate", "--runtime-role", "nodes"), "has no roles"),
    (("migrate", "--runtime-role", ""), "It is empty"),
    (("migrate", "--eraser-role", " "), "It is empty"),
    (("backup", "there"), "File exists"),
    (("backup", "folder"), "is a directory"),
    (("backup", "nowhere/copy"), "No such file or directory"),
    (("token", "--role", "king", "--user", "a"), "'king' is not one of"),
    (("token", "--role", "system", "--user", "a"), "belongs to the server itself"),
    ((*MARKER, ""), "must not be empty"),
    ((*MARKER, " a"), "white space"),
    ((*MARKER, "a" * 129), "at most 128 characters"),
    ((*MARKER, "a", "--branch", ""), "must not be empty"),
    ((*MARKER, "a", "--name", "x" * 201), "at most 200 characters"),
    ((*MARKER, "a", "--hours", "-1"), "--hours"),
    ((*MARKER, "a", "--hours", "1e99"), "--hours"),
    ((*MARKER, "a", "--hours", "nan"), "--hours"),
    ((*CANDIDATE, "--only", "result"), "--attempt"),
    ((*CANDIDATE, "--attempt", "first"), "'first' is the id of no attempt"),
    ((*CANDIDATE, "--group", "g"), "--group is for staff"),
    ((*CANDIDATE, "--branch", "n", "--branch", "s"), "one branch"),
    (("import", "none"), "does not exist"),
    (("import", "folder"), "is a directory"),
    (("import", "unreadable"), "unreadable: "),
    (("import", "utf-16"), "in no format that is known here"),
    (("import", "bytes"), "line 2: this is not UTF-8"),
    (("import", "utf-16.yaml"), "not written in UTF-8"),
    (("erase", *ORG, "--user", "nobody"), "Nothing is kept of a user nobody"),
    (("erase", "--org", "nowhere", "--user", "ada"), "Nothing is kept of a user ada"),
    (("erase", *ORG, "--user", ""), "must not be empty"),
    (("erase", *ORG), "--user"),
    (("mail", "add", "--topic", "attempt.sold"), "sends no letters"),
    (("mail", "remove", *ORG, "none"), "There is no subscription none"),
    (("mail", "list", "--org", ""), "must not be empty"),
    (("roster", "none", *GEOMETRY), "does not exist"),
    (("roster", "folder", *GEOMETRY), "is a directory"),
    (("roster", "unreadable", *GEOMETRY), "unreadable: "),
    (("roster", "utf-16", *GEOMETRY), "not written in UTF-8"),
    (("roster", "bytes", *GEOMETRY), "not written in UTF-8"),
    (("roster", "people.csv", *ORG), "name one of --test and --course"),
    (("roster", "people.csv", *GEOMETRY, "--course", "c"), "name one of --test and --course"),
    (("roster", "people.csv", *ORG, "--test", "algebra"), "There is no test algebra"),
    (("roster", "people.csv", "--org", "nowhere", "--test", "geometry"), "There is no test geometry"),
    (("roster", "people.csv", *ORG, "--test", ""), "must not be empty"),
    (("roster", "people.csv", *ORG, "--course", "a/b"), "must not have a slash"),
    (("oneroster", "none", *ORG), "does not exist"),
    (("oneroster", "bytes", *ORG), "Nothing was imported."),
    (("oneroster", "folder", *ORG), "Nothing was imported."),
    (("check-schedule", "algebra", *ORG), "There is no test algebra"),
    (("check-schedule", "geometry", "--org", "nowhere"), "There is no test geometry"),
    (("check-schedule", "", *ORG), "must not be empty"),
    (("papers", "first", NO_ATTEMPT, *ORG), "'first' is the id of no attempt"),
    (("papers", "", NO_ATTEMPT, *ORG), "the id of no attempt"),
    (("papers", NO_ATTEMPT, NO_ATTEMPT, *ORG), "There is no attempt"),
    (("export", "there", *ORG, "--user", "ada"), "File exists"),
    (("export", "folder", *ORG, "--user", "ada"), "is a directory"),
    (("export", "nowhere/copy", *ORG, "--user", "ada"), "No such file or directory"),
    (("export", "copy", *ORG, "--user", "nobody"), "Nothing is kept of a user nobody"),
    (("export", "copy", "--org", "nowhere", "--user", "ada"), "Nothing is kept of a user ada"),
    (("verify-log", "--attempt", "first"), "There is no such attempt"),
    (("verify-log", "--attempt", ""), "There is no such attempt"),
    (("verify-log", "--heads", "none"), "does not exist"),
    (("verify-log", "--heads", "there"), "is a file"),
    (("verify-log", "--heads", "folder"), "PENCILSDOWN_HEADS_KEY must be set"),
    (("api-keys", "make", *ORG, "--role", "candidate", "--user", "ada"), "candidate"),
    (("api-keys", "make", *ORG, "--role", "service", "--user", ""), "must not be empty"),
    (("api-keys", "make", *ORG, "--role", "service", "--user", "lms", "--days", "nan"), "--days"),
    (("api-keys", "renew", "first", *ORG), "There is no key first"),
    (("api-keys", "revoke", "first", *ORG), "There is no key first"),
    (("prune", "--older-than", "0", "--to", "x"), "greater than or equal to 1"),
    (("prune", "--older-than", "999999", "--to", "x"), "less than or equal to 36500"),
    (("prune", "--older-than", "30"), "Missing option '--to'"),
    (("prune", "--older-than", "30", "--to", "there"), "is a file"),
    (("retention", "set", *ORG, "--archive-after", "0"), "greater than or equal to 1"),
    (("retention", "set", *ORG, "--audit", "29"), "greater than or equal to 30"),
    (("retention", "set", *ORG, "--deliveries", "31"), "less than or equal to 30"),
    (("retention", "show"), "--org"),
    (("restore-logs", "none"), "does not exist"),
    (("restore-logs", "there"), "is no archive"),
    (("restore-logs", "there", "--attempt", "x"), "is the id of no attempt"),
    (("verify-log", "there"), "is no archive"),
    (("verify-log", "none"), "No such file"),
    (("tests", "show", "algebra", *ORG), "There is no test algebra"),
    (("tests", "list", "--org", ""), "must not be empty"),
    (("tests", "list", "--limit", "0"), "greater than or equal to 1"),
    (("users", "show", "nobody", *ORG), "There is no user nobody"),
    (("subscriptions", "show", "first", *ORG), "There is no subscription first"),
    (("deliveries", "list", "--state", "lost", *ORG), "'lost' is not one of"),
    (("deliveries", "show", "e", *ORG), "--subscription"),
    (("deliveries", "show", "e", "--subscription", "s", *ORG), "There is no delivery of e to s"),
    (("attempts", "list", "--status", "gone", *ORG), "'gone' is not one of"),
    (("attempts", "show", "first", *ORG), "'first' is the id of no attempt"),
    (("attempts", "show", NO_ATTEMPT, *ORG), f"There is no attempt {NO_ATTEMPT}"),
    (("attempts", "extend", "--minutes", "5", NO_ATTEMPT, *ORG), "--reason"),
    (("attempts", "extend", "--minutes", "nan", NO_ATTEMPT, "--reason", "r", *ORG), "--minutes"),
    (("attempts", "extend", "--reason", "r", "--minutes", "5", NO_ATTEMPT, *ORG), "There is no attempt"),
    (("attempts", "end", NO_ATTEMPT, "--reason", "", *ORG), "Please give a reason"),
    (("attempts", "end", "first", "--reason", "r", *ORG), "'first' is the id of no attempt"),
    (("restore", "none"), "does not exist"),
    (("restore", "folder"), "is a directory"),
    (("restore", "there"), "no database of Pencils Down"),
    (("doctor", "now"), "extra argument"),
    (("check-config", "now"), "extra argument"),
    (("lint", "algebra", *ORG), "There is no test algebra"),
    (("lint", "geometry", "--org", "nowhere"), "There is no test geometry"),
    (("lint", "", *ORG), "must not be empty"),
    (("export-test", "algebra", "copy.yaml", *ORG), "There is no test algebra"),
    (("export-test", "geometry", "exam.yaml", *ORG), "File exists"),
    (("export-test", "geometry", "nowhere/copy.yaml", *ORG), "No such file or directory"),
    (("export-test", "geometry", "copy.doc", *ORG), ".yaml"),
    (("try", "none", "--answers", "there"), "does not exist"),
    (("try", "exam.yaml", "--answers", "none"), "does not exist"),
    (("try", "exam.yaml", "--answers", "there"), "JSON"),
    (("try", "exam.yaml", "--answers", "bytes"), "JSON"),
    (("try", "bytes", "--answers", "there"), "is not UTF-8"),
    (("version", "2"), "extra argument"),
    (("begin",), "No such command"),
]
"""What is typed, and what the refusal says among others."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with a database that has a test and Ada, and with files that can't be what they are taken for."""
    folder = tmp_path_factory.mktemp("operator")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("PENCILSDOWN_DATA", str(folder / "data"))
        (folder / "exam.yaml").write_text(EXAM, "utf-8")
        (folder / "people.csv").write_text("id\nada\n", "utf-8")
        assert run("import", "exam.yaml", *ORG).exit_code == 0
        assert run("roster", "people.csv", *GEOMETRY).exit_code == 0
        (folder / "folder").mkdir()
        (folder / "there").write_text("x")
        (folder / "utf-16").write_text(EXAM, "utf-16")
        (folder / "utf-16.yaml").write_text(EXAM, "utf-16")
        (folder / "bytes").write_bytes(bytes(range(256)))
        # Whoever may read every file can't read this one either.
        (folder / "unreadable").symlink_to("/proc/self/mem")
        yield folder


def state(folder: Path) -> tuple[str, list[str]]:
    """All rows of the database, and the names of the files."""
    database = sqlite3.connect(folder / "data" / "pencilsdown.sqlite3")
    try:
        return "\n".join(database.iterdump()), sorted(os.listdir(folder))
    finally:
        database.close()


def refused(folder: Path, words: tuple[str, ...], says: str) -> None:
    before = state(folder)
    result = run(*words)
    output = " ".join(result.output.split())
    assert result.exit_code in (1, 2), output
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert says in output
    assert "Traceback" not in output
    assert state(folder) == before


@pytest.mark.parametrize(("words", "says"), CALLS, ids=[" ".join(words)[:60] for words, _ in CALLS])
def test_a_call_is_refused(folder: Path, words: tuple[str, ...], says: str) -> None:
    refused(folder, words, says)


@pytest.mark.parametrize("name", EXAMS)
def test_an_exam_is_refused(folder: Path, name: str) -> None:
    text, says = EXAMS[name]
    (folder / "wrong.yaml").write_text(text, "utf-8")
    refused(folder, ("import", "wrong.yaml", *ORG), says)


@pytest.mark.parametrize("name", ROSTERS)
def test_a_roster_is_refused(folder: Path, name: str) -> None:
    text, says = ROSTERS[name]
    (folder / "wrong.csv").write_text(text, "utf-8")
    refused(folder, ("roster", "wrong.csv", *GEOMETRY), says)
    refused(folder, ("roster", "wrong.csv", *GEOMETRY, "--dry-run"), says)


def test_every_command_is_in_the_table() -> None:
    commands = CliRunner().invoke(app, ["--help"]).output.partition("Commands:")[2]
    named = {line.split()[0] for line in commands.splitlines() if line.startswith("  ") and line[2:3].strip()}
    assert named == {words[0] for words, _ in CALLS} - {"begin"}
