"""The folder of archives. A file is `….part` while it is written, `….new` when it is whole and on the disk, and has its
name alone when the database has given up all that is in it. So a run that died is finished by the next one."""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex
from typing import Final, NamedTuple

from storage.archives.faults import BadArchive
from storage.archives.format import Writer
from storage.archives.forms import new_writer, read_beginning
from storage.archives.names import NEW, SUFFIX, Form, name_of

_PART: Final = ".part"
_LOCK: Final = ".lock"


class InUse(BadArchive):
    """Another run works in the folder."""


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Makes the folder, which its owner alone may read, and keeps other runs of this machine off it. What a run left
    half written goes. Raises `InUse` and `OSError`."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InUse(f"{folder}: another run works there; wait until it has ended") from None
        for part in _archives(folder, _PART):
            part.unlink()
        yield
    finally:
        os.close(descriptor)


class Unfinished(NamedTuple):
    """Archives that are whole, and of which the database may have something yet: (organisation, file). `unreadable`:
    what is wrong with files that don't say whose they are, by file."""

    found: list[tuple[str, Path]]
    unreadable: dict[str, str]


def unfinished(folder: Path, org_id: str | None) -> Unfinished:
    """Those of an organisation; None: of all."""
    found: list[tuple[str, Path]] = []
    unreadable: dict[str, str] = {}
    for path in _archives(folder, NEW):
        try:
            found.append((read_beginning(path).org_id, path))
        except (BadArchive, OSError) as error:
            unreadable[path.name] = str(error)
    return Unfinished([one for one in found if org_id in (None, one[0])], unreadable)


def unfinished_names(folder: Path) -> list[str]:
    """The names that unfinished archives will have, readable or not."""
    return [name_of(path) for path in _archives(folder, NEW)]


def finished_names(folder: Path) -> list[str]:
    """The names of finished archives."""
    return [path.name for path in _archives(folder)]


def _archives(folder: Path, more: str = "") -> list[Path]:
    """Files whose name ends as an archive's, with `more` behind it."""
    ends = tuple(suffix + more for suffix in SUFFIX.values())
    return sorted(path for path in folder.iterdir() if path.name.endswith(ends))


def write(folder: Path, form: Form, org_id: str, now_ms: int, fill: Callable[[Writer], None]) -> Path | None:
    """Makes an archive of what `fill` adds, whole and on the disk; None: that was nothing. Raises `OSError`."""
    at = datetime.fromtimestamp(now_ms / 1000, UTC).strftime("%Y%m%dT%H%M%SZ")
    part = folder / f"logs-{at}-{token_hex(4)}{SUFFIX[form]}{_PART}"
    try:
        with (
            os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as file,
            closing(new_writer(form, file, org_id, now_ms)) as writer,
        ):
            fill(writer)
            writer.end()
            file.flush()
            os.fsync(file.fileno())
            # What is read back is to come from the disk.
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        if not writer.tally.attempts:
            return None
        whole = part.with_name(part.name.removesuffix(_PART) + NEW)
        part.rename(whole)
        sync(folder)
        return whole
    finally:
        part.unlink(missing_ok=True)


def finish(path: Path) -> Path:
    """The database has given up what is in the archive: it gets its name."""
    named = path.with_name(name_of(path))
    path.rename(named)
    sync(path.parent)
    return named


def sync(folder: Path) -> None:
    """What was renamed or deleted in it is on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
