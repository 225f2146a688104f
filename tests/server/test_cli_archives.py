"""Old logs on the command line: moved, checked, brought back."""

import asyncio
import json
from pathlib import Path
from typing import Any, get_args

import pytest

from protocol.media import Medium
from protocol.rules.retention import Retention
from storage.archives.names import SUFFIX, Form
from storage.known_clock import KnownClock
from storage.log.journal import Journal
from storage.media import Media
from storage.unused_media import UnusedMedia
from tests.server.test_cli import data, run, said
from tests.storage.archives.making import over
from tests.storage.making import ORG, open_database

__all__ = ["data"]

LONG_AGO = 1_600_000_000_000


async def prepare(data: Path) -> str:
    """A database with one old attempt."""
    database = await open_database(f"sqlite:///{data / 'pencilsdown.sqlite3'}")
    journal = Journal(database, lambda: LONG_AGO)
    await journal.start()
    owner = await over(database, journal, now_ms=LONG_AGO)
    await journal.close()
    await KnownClock(database).note(LONG_AGO)
    media = Media(database)
    await media.put(ORG, Medium("a" * 64, "image/png", 3, 1, 1), b"abc", LONG_AGO)
    await UnusedMedia(database, media).mark(ORG, LONG_AGO)
    await database.close()
    return owner.id


def test_what_makes_no_sense_is_refused(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said(run("migrate"))
    monkeypatch.chdir(tmp_path)
    days = ("--older-than", "30")
    empty = run("prune", *days, "--to", "")
    assert (empty.exit_code, "It is empty." in empty.output) == (2, True)
    (tmp_path / "file").write_bytes(b"")
    assert run("prune", *days, "--to", "file").exit_code == 2
    nobody = run("prune", *days, "--to", "archives", "--org", "nobody")
    assert (nobody.exit_code, nobody.output) == (1, "There is no organisation nobody.\n")
    assert "No organisation has a rule" in run("prune", "--to", "archives").output
    assert sorted(path.name for path in tmp_path.iterdir() if path != data) == ["file"]
    asked = ("--org", ORG, "--subscription", "nothing")
    for command, status in (
        (("deliveries", "retry", *asked), 1),
        (("deliveries", "retry", *asked, "--event", "\udcff"), 1),
        (("users", "list", "--after", "\udcff"), 2),
    ):
        refused = run(*command)
        assert refused.exit_code == status, command
        assert refused.output.startswith(("There is no subscription nothing.", "Something that was given is no text"))


def told(*words: str) -> Any:
    return json.loads(said(run(*words, "--json")))


@pytest.mark.parametrize("form", get_args(Form))
def test_logs_go_are_checked_and_come_back(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: Form
) -> None:
    monkeypatch.setenv("PENCILSDOWN_ARCHIVE_FORM", form)
    said(run("migrate"))
    attempt_id = asyncio.run(prepare(data))
    prune = ("prune", "--older-than", "30", "--to", str(tmp_path / "archives"), "--org", ORG)
    assert told(*prune, "--dry-run") == {"old": {ORG: 1}}
    assert not (tmp_path / "archives").exists()
    doubtful = run(*prune)
    assert (doubtful.exit_code, "PENCILSDOWN_ACCEPT_CLOCK=true" in doubtful.output) == (1, True)
    assert not (tmp_path / "archives").exists()
    monkeypatch.setenv("PENCILSDOWN_ACCEPT_CLOCK", "true")
    (moved,) = told(*prune)["moved"]
    assert (moved["attempts"], moved["records"], moved["left"]) == (1, 5, {})
    archives = str(tmp_path / "archives")
    archive = str(tmp_path / "archives" / moved["archive"])
    assert archive.endswith(SUFFIX[form])
    assert "Nothing is old enough" in run(*prune).output

    whole = run("verify-log")
    assert whole.exit_code == 0
    assert f"records 1 to 5 are in the archive {moved['archive']}" in whole.output
    looked = told("verify-log", archive)
    assert (looked["attempts"], looked["records"], looked["broken"]) == (1, 5, [])
    assert told("restore-logs", archive) == {"attempts": 1, "records": 5, "left": {}}
    assert told("verify-log")["records"] == 6
    assert told("retention", "show", "--org", ORG) == dict.fromkeys(Retention.__struct_fields__)
    nothing: dict[str, object] = {"moved": [], "deleted": [], "emptied": {}, "unused_media": {}}
    assert told("prune", "--to", archives) == nothing
    told("retention", "set", "--org", ORG, "--archive-after", "30", "--media", "9")
    # It was brought back just now, and stays for as long again. A file was found long ago that no test names.
    assert told("prune", "--to", archives) == nothing | {"unused_media": {ORG: 1}}
    again = run("restore-logs", archive)
    assert again.exit_code == 1
    assert f"attempt {attempt_id} stays as it is: its log is in the database" in again.output
