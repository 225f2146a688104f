"""OneRoster files on the command line: folders and zips, real ones too, and what is none."""

import json
import zipfile
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from server.cli import app
from server.importing import oneroster
from tests.protocol.rules.test_oneroster import SET
from tests.shared import SHARED

REAL = SHARED / "data" / "import" / "oneroster"


@pytest.fixture(autouse=True)
def data(tmp_path: Path, migrated_database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pencilsdown.sqlite3").write_bytes(migrated_database.read_bytes())
    monkeypatch.setenv("PENCILSDOWN_DATA", str(tmp_path))


def run(files: Path, *words: str) -> Result:
    return CliRunner().invoke(app, ["oneroster", str(files), "--org", "school", *words])


def folder(tmp_path: Path, texts: dict[str, bytes]) -> Path:
    made = tmp_path / "set"
    made.mkdir()
    for name, text in texts.items():
        (made / name).write_bytes(text)
    return made


def test_a_folder_and_a_zip(tmp_path: Path) -> None:
    files = folder(tmp_path, {name: text.encode() for name, text in SET.items()})
    dry = run(files, "--dry-run")
    assert dry.exit_code == 0, dry.output
    assert "2 would be made" in dry.stdout
    packed = tmp_path / "set.zip"
    with zipfile.ZipFile(packed, "w") as made:
        for name in SET:
            made.write(files / name, f"export/{name}")
        made.writestr("__MACOSX/users.csv", "x")
    done = json.loads(run(packed, "--json").stdout)
    assert (done["people_made"], done["joined"]) == (2, 2)
    assert json.loads(run(files, "--json").stdout)["people_unchanged"] == 2


def test_what_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = folder(tmp_path, {name: text.encode() for name, text in SET.items()})
    (files / "users.csv").write_bytes(SET["users.csv"].encode("utf-16"))
    assert "users.csv is not written in UTF-8" in run(files).output
    (tmp_path / "no.zip").write_bytes(b"PK\x03\x04 no zip")
    assert "not a zip file" in run(tmp_path / "no.zip").output
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("users.csv", b"0" * 3_000_000)
    monkeypatch.setattr(oneroster, "MAX_BYTES", 1024**2)
    result = run(tmp_path / "bomb.zip")
    assert "larger than 1 MiB together" in result.output
    assert result.exit_code == 1
    with zipfile.ZipFile(tmp_path / "odd.zip", "w", zipfile.ZIP_LZMA) as made:
        made.writestr("users.csv", SET["users.csv"])
    assert "compressed in an unusual way" in run(tmp_path / "odd.zip").output
    (files / "users.csv").write_text("sourcedId,givenName\n")
    result = run(files)
    assert "users.csv, line 1: the column familyName is missing" in result.output
    assert result.exit_code == 1


@pytest.mark.skipif(not REAL.is_dir(), reason=f"{REAL} is not on this machine")
@pytest.mark.parametrize(
    "name",
    [
        "v1p1_oat-sa",
        "catalyst/Test_full_data_set.zip",
        "catalyst/oneroster_test_data.zip",
        "catalyst/v1p2_full_dataset.zip",
    ],
)
def test_real_sets(name: str) -> None:
    done = run(REAL / name, "--json")
    assert done.exit_code == 0, done.output
    report = json.loads(done.stdout)
    assert report["people_made"] > 0
    assert report["joined"] > 0
    again = json.loads(run(REAL / name, "--json").stdout)
    assert again["people_unchanged"] == report["people_made"]
    assert sum(again.values()) == again["people_unchanged"]
