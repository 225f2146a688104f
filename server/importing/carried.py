"""Files that come with an exam: pictures, sounds and films of its texts."""

from collections.abc import Collection, Mapping
from typing import Final

from protocol.media import hash_of
from server.importing.faults import ImportFault
from server.media.faults import MediaFault
from server.media.looking import Looked, look

MAX_CARRIED: Final = 1_000
MAX_CARRIED_BYTES: Final = 256 * 1024**2
"""All files of an exam together: they are in memory until they are stored."""


class Carried:
    """The files that were taken in, by their hashes."""

    def __init__(self) -> None:
        self._files: dict[str, Looked] = {}
        self._bytes = 0

    def add(self, data: bytes) -> tuple[str, Looked]:
        """Takes a file in: its hash, by which texts name it (`media:HASH`), and what it is. Raises `ImportFault` where
        it is no file that texts can have."""
        try:
            looked = look(data)
        except MediaFault as fault:
            raise ImportFault(str(fault)) from None
        if looked.taken:
            raise ImportFault(f"A picture of a test can't have {', '.join(looked.taken)[:500]}.")
        name = hash_of(looked.data)
        if name not in self._files:
            self._bytes += len(looked.data)
            if len(self._files) >= MAX_CARRIED or self._bytes > MAX_CARRIED_BYTES:
                raise ImportFault(
                    f"An exam can bring {MAX_CARRIED} files and {MAX_CARRIED_BYTES // 1024**2} MiB at most."
                )
            self._files[name] = looked
        return name, looked

    def among(self, names: Collection[str]) -> Mapping[str, Looked]:
        """Those of these names."""
        return {name: self._files[name] for name in names if name in self._files}
