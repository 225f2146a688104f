"""Zip files that others packed. What is read is bounded, and no name leads out of the package."""

import stat
import struct
import zlib
from collections.abc import Iterator
from io import BytesIO
from posixpath import dirname, normpath
from typing import Final
from urllib.parse import unquote
from zipfile import BadZipFile, ZipFile, ZipInfo

from server.importing.faults import ImportFault

MAX_FILES: Final = 5_000
MAX_PACKAGE_BYTES: Final = 512 * 1024**2
"""All files of a package, unpacked."""
MAX_FILE_BYTES: Final = 64 * 1024**2
_ENTRY: Final = b"PK\x01\x02"
_SUPPORTED: Final = (0, 8)
"""Stored, and deflated."""


class Package:
    """The files of a zip by their paths. Raises `ImportFault` for what is no zip, or is one that could do harm."""

    def __init__(self, data: bytes) -> None:
        # Its table of contents would be read whole before it could be counted.
        if data.count(_ENTRY) > 2 * MAX_FILES:
            raise ImportFault(f"The package has more than {MAX_FILES} files.")
        try:
            self._zip = ZipFile(BytesIO(data))
            entries = [entry for entry in self._zip.infolist() if not entry.filename.endswith("/")]
        except (BadZipFile, NotImplementedError, ValueError, OverflowError, struct.error) as error:
            raise ImportFault("The package is not a zip file, or is damaged.") from error
        if len(entries) > MAX_FILES:
            raise ImportFault(f"The package has more than {MAX_FILES} files.")
        self._entries: dict[str, ZipInfo] = {}
        self._folded: dict[str, str] = {}
        for entry in entries:
            path = _checked_path(entry)
            if path.casefold() in self._folded:
                raise ImportFault(f"The package has two files of the name {path!r}.")
            self._entries[path] = entry
            self._folded[path.casefold()] = path
        self._left = MAX_PACKAGE_BYTES

    def __iter__(self) -> Iterator[str]:
        """The paths of its files."""
        return iter(self._entries)

    def find(self, reference: str, base: str = "") -> str | None:
        """The path of the file that a `reference` in the file `base` means; None: the package has none. Letter case and
        percent signs don't matter: packages come from systems to which they don't."""
        for name in (reference, unquote(reference.partition("#")[0].partition("?")[0])):
            path = normpath(f"{dirname(base)}/{name}" if dirname(base) else name)
            if path in self._entries:
                return path
            found = self._folded.get(path.casefold())
            if found is not None:
                return found
        return None

    def read(self, path: str) -> bytes:
        """One file. Raises `ImportFault` where it is larger than a file may be, or all that was read is."""
        entry = self._entries[path]
        most = min(MAX_FILE_BYTES, self._left)
        try:
            # What the entry says of its size is not trusted.
            with self._zip.open(entry) as file:
                data = file.read(most + 1)
        except (BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError, struct.error) as error:
            raise ImportFault(f"The file {path!r} of the package is damaged.") from error
        if len(data) > MAX_FILE_BYTES:
            raise ImportFault(f"The file {path!r} is larger than {MAX_FILE_BYTES // 1024**2} MiB.")
        if len(data) > self._left:
            raise ImportFault(f"The package has more than {MAX_PACKAGE_BYTES // 1024**2} MiB.")
        self._left -= len(data)
        return data


def _checked_path(entry: ZipInfo) -> str:
    name = entry.filename
    if entry.flag_bits & 0x1:
        raise ImportFault("The package is encrypted.")
    if entry.compress_type not in _SUPPORTED:
        raise ImportFault("The package is compressed in an unusual way: pack it as a plain zip file.")
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise ImportFault(f"The package has a symbolic link: {name[:200]!r}.")
    path = normpath(name.replace("\\", "/"))
    if path.startswith(("/", "../")) or path == ".." or ":" in path.split("/")[0] or "\x00" in name:
        raise ImportFault(f"A file of the package lies outside of it: {name[:200]!r}.")
    return path
