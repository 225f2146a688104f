"""The version that a node runs: the installed one, or an older one from the project's git history."""

import os
import subprocess
import sys
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Final

from loadtest.drill.process import Impossible, find_program

PREFIX: Final = "PENCILSDOWN_"

_ROOT: Final = Path(__file__).parents[2]
_MIGRATIONS: Final = "storage/migrations/versions"
_PACKAGES: Final = ("protocol", "storage", "server")
_KEPT: Final = "tests/golden/"
_MAIN: Final = "from server.cli import main; main()"
_SETTINGS: Final = "from server.settings import Settings; print(*Settings.model_fields)"


@dataclass(frozen=True, kw_only=True, slots=True)
class Version:
    """`command` runs `pencilsdown`; `more` is what its processes need in their environment. `settings` are those that
    it knows, nil for all of ours: a server refuses to start with one that it does not know."""

    name: str
    command: Sequence[str | os.PathLike[str]]
    more: Mapping[str, str] = field(default_factory=dict)
    settings: frozenset[str] | None = None

    def environment(self, settings: Mapping[str, str]) -> dict[str, str]:
        """`settings` (without their prefix) as this version is given them."""
        known = {name: value for name, value in settings.items() if self._knows(name)}
        return {**self.more, **{PREFIX + name: value for name, value in known.items()}}

    @property
    def has_ops_port(self) -> bool:
        """Whether its operators have a port of their own; else they use the public one."""
        return self._knows("OPS_PORT")

    def _knows(self, name: str) -> bool:
        return self.settings is None or name.lower() in self.settings


CURRENT: Final = Version(name="current", command=(Path(sys.executable).with_name("pencilsdown"),))


def older(folder: Path, revision: str | None) -> Version:
    """Brings a state of the history into `folder`; nil: the newest one whose tables lack the newest migration. Raises
    `Impossible` where there is no history, or not enough of it, or its logs had another format."""
    if not (_ROOT / ".git").exists():
        raise Impossible("an older version comes from the history of a checkout, and this is none")
    commit = _git("rev-parse", "--verify", f"{revision or _before_the_newest_migration()}^{{commit}}").decode().strip()
    _check_formats(commit)
    files = _git("archive", "--format=tar", commit, *_PACKAGES)
    with tarfile.open(fileobj=BytesIO(files)) as archive:
        archive.extractall(folder, filter="data")
    more = {"PYTHONPATH": os.fspath(folder)}
    # Not from where we happen to be (-P): that may be a checkout, too.
    command = (sys.executable, "-P", "-c")
    known = subprocess.run(  # noqa: S603
        [*command, _SETTINGS], env=os.environ | more, capture_output=True, text=True, timeout=60, check=False
    )
    if known.returncode != 0:
        raise Impossible(f"{commit[:12]} does not run with the packages of today: {known.stderr.strip()[-300:]}")
    return Version(name=commit[:12], command=(*command, _MAIN), more=more, settings=frozenset(known.stdout.split()))


def _check_formats(commit: str) -> None:
    """Raises `Impossible` where this version can't read what `commit` writes: the kept logs of then are not kept."""
    then, now = (
        {line for line in _git("ls-tree", of, _KEPT).splitlines() if b" tree " in line} for of in (commit, "HEAD")
    )
    if not then or not then <= now:
        raise Impossible(f"{commit[:12]} is of a time before any release: its logs had another format")


def _before_the_newest_migration() -> str:
    newest = max((_ROOT / _MIGRATIONS).glob("v*.py")).name
    commit = _git("log", "--diff-filter=A", "--format=%H", "-1", "--", f"{_MIGRATIONS}/{newest}").decode().strip()
    if not commit:
        raise Impossible(f"the history does not tell when {newest} came")
    return f"{commit}^"


def _git(*arguments: str) -> bytes:
    done = subprocess.run(  # noqa: S603
        [find_program("git"), "-C", _ROOT, *arguments], capture_output=True, timeout=60, check=False
    )
    if done.returncode != 0:
        raise Impossible(f"the history is not all here: {done.stderr.decode('utf-8', 'replace').strip()[-300:]}")
    return done.stdout
