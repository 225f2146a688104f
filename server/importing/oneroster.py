"""The files of a OneRoster set: a folder, or a zip with the files at its top or in one folder. Bounded, whatever the
zip's own table says."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Final

from protocol.rules.oneroster import FILES
from server.importing.faults import ImportFault
from server.importing.packages import Package

MAX_BYTES: Final = 64 * 1024 * 1024
"""Of all files of a set together, unpacked."""


def read_set(path: Path) -> dict[str, str]:
    """Name → text of those that matter and are there. Raises `ImportFault`."""
    try:
        if path.is_dir():
            return _texts({name: partial(_read, path / name) for name in FILES if (path / name).is_file()})
        return read_zip(path.read_bytes())
    except OSError as error:
        raise ImportFault(f"{path}: {error.strerror or 'it cannot be read'}.") from None


def read_zip(data: bytes) -> dict[str, str]:
    """The same of a zip. Raises `ImportFault`."""
    package = Package(data)
    return _texts({name: partial(package.read, path) for name, path in _inside(package).items()})


def _inside(package: Package) -> dict[str, str]:
    found: dict[str, str] = {}
    for path in package:
        folder, _, name = path.rpartition("/")
        if name in FILES and "/" not in folder and folder != "__MACOSX":
            if name in found:
                raise ImportFault(f"{name} is there twice.")
            found[name] = path
    return found


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MAX_BYTES + 1)


def _texts(files: Mapping[str, Callable[[], bytes]]) -> dict[str, str]:
    found: dict[str, str] = {}
    left = MAX_BYTES
    for name, read in files.items():
        data = read()
        left -= len(data)
        if left < 0:
            raise ImportFault(f"With {name} the files are larger than {MAX_BYTES // 1024**2} MiB together.")
        try:
            found[name] = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise ImportFault(f"{name} is not written in UTF-8.") from None
    return found
