"""An older version, from a history of its own."""

import subprocess
import sys
from pathlib import Path

import pytest

from loadtest.drill import version
from loadtest.drill.process import Impossible
from loadtest.drill.version import CURRENT, older

SETTINGS = """
class Settings:
    model_fields = {"port": None, "database_url": None}
"""


def git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=a test", "-c", "user.email=test@example.org")
    done = subprocess.run(
        ["git", "-C", folder, *identity, *arguments], capture_output=True, text=True, timeout=60, check=True
    )
    return done.stdout.strip()


@pytest.fixture
def history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with two migrations, each of which came in a commit of its own, and a later commit."""
    root = tmp_path / "project"
    migrations = root / "storage" / "migrations" / "versions"
    migrations.mkdir(parents=True)
    for package in ("protocol", "server"):
        (root / package).mkdir()
        (root / package / "__init__.py").touch()
    (root / "server" / "settings.py").write_text(SETTINGS)
    (root / "server" / "cli.py").write_text("def main(): print('the first')")
    (migrations / "v0001_first.py").touch()
    kept = root / "tests" / "golden" / "v1"
    kept.mkdir(parents=True)
    (kept / "log.jsonl").write_text("a log")
    git(root, "init", "--quiet")
    for message in ("the first", "the second", "the third"):
        if message == "the second":
            (migrations / "v0002_second.py").touch()
        (root / "server" / "cli.py").write_text(f"def main(): print({message!r})")
        git(root, "add", "--all")
        git(root, "commit", "--quiet", "--message", message)
    monkeypatch.setattr(version, "_ROOT", root)
    return root


def test_it_is_the_newest_without_the_newest_migration(history: Path, tmp_path: Path) -> None:
    old = older(tmp_path / "old", None)
    env = {"PATH": "/usr/bin:/bin", **old.environment({"PORT": "1", "NEWER": "2"})}
    assert env["PENCILSDOWN_PORT"] == "1"
    assert "PENCILSDOWN_NEWER" not in env
    done = subprocess.run([*old.command, "serve"], env=env, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "the first\n"


def test_or_the_one_that_is_named(history: Path, tmp_path: Path) -> None:
    commit = git(history, "rev-parse", "HEAD^")
    assert older(tmp_path / "old", "HEAD^").name == commit[:12]


def test_one_whose_logs_had_another_format_cannot_serve_beside_this_one(history: Path, tmp_path: Path) -> None:
    (history / "tests/golden/v1/log.jsonl").write_text("another log")
    git(history, "commit", "--quiet", "--all", "--message", "another format before the first release")
    with pytest.raises(Impossible, match="its logs had another format"):
        older(tmp_path / "old", None)


def test_without_a_history_there_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(version, "_ROOT", tmp_path)
    with pytest.raises(Impossible, match="a checkout, and this is none"):
        older(tmp_path / "old", None)


def test_nor_with_a_shallow_one(history: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shallow = tmp_path / "shallow"
    git(tmp_path, "clone", "--quiet", "--depth", "1", f"file://{history}", str(shallow))
    monkeypatch.setattr(version, "_ROOT", shallow)
    with pytest.raises(Impossible, match="the history is not all here"):
        older(tmp_path / "old", None)


def test_the_one_that_is_installed_takes_every_setting() -> None:
    assert Path(CURRENT.command[0]).parent == Path(sys.executable).parent
    assert CURRENT.environment({"ANYTHING": "1"}) == {"PENCILSDOWN_ANYTHING": "1"}
