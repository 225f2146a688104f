"""The files of a OneRoster set: a folder, or a zip with the files at its top or in one folder. Bounded, whatever the
zip's own table says."""

import lzma
import zipfile
import zlib
from pathlib import Path
from typing import IO, Final

from protocol.rules.oneroster import FILES

MAX_BYTES: Final = 64 * 1024 * 1024
"""Of one file, unpacked."""


class Unreadable(Exception):
    """The files can't be read; the text says why."""


def read_set(path: Path) -> dict[str, str]:
    """Name → text of those that matter and are there. Raises `Unreadable`."""
    try:
        if path.is_dir():
            return {name: _text(name, (path / name).open("rb")) for name in FILES if (path / name).is_file()}
        with path.open("rb") as file:
            return read_zip(file, str(path))
    except OSError as error:
        raise Unreadable(f"{path}: {error.strerror or 'it cannot be read'}") from None


def read_zip(file: IO[bytes], called: str) -> dict[str, str]:
    """The same of a zip. Raises `Unreadable`."""
    try:
        with zipfile.ZipFile(file) as packed:
            return {name: _text(name, packed.open(inner)) for name, inner in _inside(packed).items()}
    except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, RuntimeError, NotImplementedError, EOFError, ValueError):
        raise Unreadable(f"{called} is no zip that can be read") from None


def _inside(packed: zipfile.ZipFile) -> dict[str, str]:
    found: dict[str, str] = {}
    for inner in packed.namelist():
        folder, _, name = inner.rpartition("/")
        if name in FILES and "/" not in folder and folder != "__MACOSX":
            if name in found:
                raise Unreadable(f"{name} is there twice")
            found[name] = inner
    return found


def _text(name: str, file: IO[bytes]) -> str:
    with file:
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise Unreadable(f"{name} is larger than {MAX_BYTES // 1024**2} MiB")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Unreadable(f"{name} is not written in UTF-8") from None
