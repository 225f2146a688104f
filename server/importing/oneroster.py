"""The files of a OneRoster set: a folder, or a zip with the files at its top or in one folder. Bounded, whatever the
zip's own table says."""

import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import IO, Final

from protocol.rules.oneroster import FILES

MAX_BYTES: Final = 64 * 1024 * 1024
"""Of all files of a set together, unpacked."""
_PACKED: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""As every program packs. Others may ask for gigabytes of memory before they unpack anything."""


class Unreadable(Exception):
    """The files can't be read; the text says why."""


def read_set(path: Path) -> dict[str, str]:
    """Name → text of those that matter and are there. Raises `Unreadable`."""
    try:
        if path.is_dir():
            return _texts({name: partial(_opened, path / name) for name in FILES if (path / name).is_file()})
        with path.open("rb") as file:
            return read_zip(file, str(path))
    except OSError as error:
        raise Unreadable(f"{path}: {error.strerror or 'it cannot be read'}") from None


def read_zip(file: IO[bytes], called: str) -> dict[str, str]:
    """The same of a zip. Raises `Unreadable`."""
    try:
        with zipfile.ZipFile(file) as packed:
            return _texts({name: partial(packed.open, inner) for name, inner in _inside(packed).items()})
    except (zipfile.BadZipFile, zlib.error, struct.error, RuntimeError, NotImplementedError, EOFError, ValueError):
        raise Unreadable(f"{called} is no zip that can be read") from None


def _inside(packed: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    found: dict[str, zipfile.ZipInfo] = {}
    for inner in packed.infolist():
        folder, _, name = inner.filename.rpartition("/")
        if name in FILES and "/" not in folder and folder != "__MACOSX":
            if name in found:
                raise Unreadable(f"{name} is there twice")
            if inner.compress_type not in _PACKED:
                raise Unreadable(f"{name} is packed in a way that is not accepted: only `deflate` is")
            found[name] = inner
    return found


def _opened(path: Path) -> IO[bytes]:
    return path.open("rb")


def _texts(files: Mapping[str, Callable[[], IO[bytes]]]) -> dict[str, str]:
    found: dict[str, str] = {}
    left = MAX_BYTES
    for name, open_file in files.items():
        with open_file() as file:
            data = file.read(left + 1)
        left -= len(data)
        if left < 0:
            raise Unreadable(f"with {name} the files are larger than {MAX_BYTES // 1024**2} MiB together")
        try:
            found[name] = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise Unreadable(f"{name} is not written in UTF-8") from None
    return found
