"""An archive as a gzipped file of lines of JSON: the first says what it is, the last counts the others and has their
sum, and each between is one log."""

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

from storage.archives.faults import BadArchive
from storage.archives.format import (
    FORMAT,
    MOST_LOG,
    ArchivedAttempt,
    Beginning,
    Reading,
    Tally,
    from_line,
    line_of,
)

_END: Final = b'{"attempts":'


class LinesWriter:
    """See `storage.archives.format.Writer`."""

    def __init__(self, file: BinaryIO, org_id: str, made_at_ms: int) -> None:
        self._packed = gzip.GzipFile("", "wb", fileobj=file, mtime=0)
        self.tally = Tally()
        line = line_of(Beginning(FORMAT, org_id, made_at_ms))
        self.tally.begin(line)
        self._packed.write(line)

    def add(self, one: ArchivedAttempt) -> None:
        line = line_of(one)
        self.tally.add(one, line)
        self._packed.write(line)

    def end(self) -> None:
        self._packed.write(line_of(self.tally.end))
        self._packed.close()

    def close(self) -> None:
        self._packed.close()


def read_beginning(path: Path) -> Beginning:
    """Raises `BadArchive` and `OSError`."""
    with gzip.open(path) as source:
        return from_line(path, _read_line(path, source), Beginning)


def read_archive(path: Path) -> Iterator[ArchivedAttempt]:
    """See `storage.archives.forms.read_archive`."""
    with gzip.open(path) as source:
        reading = Reading(path, _read_line(path, source))
        while not (line := _read_line(path, source)).startswith(_END):
            one = from_line(path, line, ArchivedAttempt)
            reading.add(one, line)
            yield one
        reading.end(line, more=bool(_read_line(path, source, at_end=True)))


def _read_line(path: Path, source: gzip.GzipFile, *, at_end: bool = False) -> bytes:
    try:
        line = source.readline(MOST_LOG)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise BadArchive(f"{path} is no archive, or not the whole of one ({error})") from None
    if not at_end and not line.endswith(b"\n"):
        raise BadArchive(f"{path} is no archive, or its end is missing")
    return line
