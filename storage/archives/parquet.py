"""An archive as a Parquet file, for whoever looks at old logs with tools for data: one row for each record, and the
bodies of a log, sealed, in the row of its first one. What the first and the last line say stands beside the schema. To
be imported only where the extra `parquet` is installed."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Final

import msgspec
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]
from msgspec.structs import astuple

from storage.archives.faults import BadArchive
from storage.archives.format import (
    FORMAT,
    MOST_LOG,
    ArchivedAttempt,
    Beginning,
    Header,
    Reading,
    Tally,
    from_line,
    line_of,
)

_INSTANT: Final = pa.timestamp("ms", tz="UTC")
_SCHEMA: Final = pa.schema(
    [
        pa.field("attempt_id", pa.string(), nullable=False),
        pa.field("test_id", pa.string(), nullable=False),
        pa.field("seq", pa.int64(), nullable=False),
        pa.field("at", _INSTANT, nullable=False),
        pa.field("kind", pa.string(), nullable=False),
        pa.field("role", pa.string(), nullable=False),
        pa.field("digest", pa.binary(), nullable=False),
        pa.field("hash", pa.binary(), nullable=False),
        pa.field("written_at", _INSTANT, nullable=False),
        pa.field("sealed", pa.binary()),
    ]
)
_REPEATED: Final = ["attempt_id", "test_id", "kind", "role"]
_BEGINNING: Final = b"pencilsdown.beginning"
_END: Final = b"pencilsdown.end"

_GROUP_ROWS: Final = 10_000
_GROUP_BYTES: Final = 8 * 1024 * 1024
"""Sealed bytes. What is held in memory to write or to read a group of rows, and one log more."""
_MOST_ROWS: Final = 1_000_000
"""Of one group that is read: far more than one log has."""


class ParquetWriter:
    """See `storage.archives.format.Writer`."""

    def __init__(self, file: BinaryIO, org_id: str, made_at_ms: int) -> None:
        self._out = pq.ParquetWriter(
            file,
            _SCHEMA,
            compression="zstd",
            use_dictionary=_REPEATED,
            # Nobody would find out that they were changed.
            write_statistics=False,
            write_page_checksum=True,
            store_schema=False,
        )
        self._group: list[ArchivedAttempt] = []
        self._rows = self._bytes = 0
        self.tally = Tally()
        self._beginning = line_of(Beginning(FORMAT, org_id, made_at_ms))
        self.tally.begin(self._beginning)

    def add(self, one: ArchivedAttempt) -> None:
        self.tally.add(one, line_of(one))
        self._group.append(one)
        self._rows += len(one.records)
        self._bytes += len(one.sealed)
        if self._rows >= _GROUP_ROWS or self._bytes >= _GROUP_BYTES:
            self._write_group()

    def end(self) -> None:
        self._write_group()
        self._out.add_key_value_metadata({_BEGINNING: self._beginning, _END: line_of(self.tally.end)})
        self._out.close()

    def close(self) -> None:
        self._out.close()

    def _write_group(self) -> None:
        if self._group:
            table = _table(self._group)
            self._out.write_table(table, row_group_size=table.num_rows)
        self._group = []
        self._rows = self._bytes = 0


def _table(logs: list[ArchivedAttempt]) -> pa.Table:
    records = [record for one in logs for record in one.records]
    columns = [
        [one.attempt_id for one in logs for _ in one.records],
        [one.test_id for one in logs for _ in one.records],
        *zip(*map(astuple, records), strict=True),
        [one.sealed if at == 0 else None for one in logs for at in range(len(one.records))],
    ]
    arrays = [pa.array(column, type=field.type) for column, field in zip(columns, _SCHEMA, strict=True)]
    return pa.table(arrays, schema=_SCHEMA)


def read_beginning(path: Path) -> Beginning:
    """Raises `BadArchive` and `OSError`."""
    with _opened(path) as file:
        return from_line(path, _said(path, file, _BEGINNING), Beginning)


def read_archive(path: Path) -> Iterator[ArchivedAttempt]:
    """See `storage.archives.forms.read_archive`."""
    with _opened(path) as file:
        reading = Reading(path, _said(path, file, _BEGINNING))
        if not file.schema_arrow.equals(_SCHEMA):
            raise BadArchive(f"{path} has other columns than an archive")
        for at in range(file.num_row_groups):
            for one in _logs(path, _rows(path, file, at)):
                reading.add(one, line_of(one))
                yield one
        reading.end(_said(path, file, _END), more=False)


@contextmanager
def _opened(path: Path) -> Iterator[pq.ParquetFile]:
    with path.open("rb") as source, _reading(path):
        yield pq.ParquetFile(source, pre_buffer=False, page_checksum_verification=True)


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    try:
        yield
    except (pa.ArrowException, ValueError, OSError) as error:
        # One of the disk has a number.
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise BadArchive(f"{path} is no archive, or not the whole of one ({error})") from None


def _said(path: Path, file: pq.ParquetFile, key: bytes) -> bytes:
    line: bytes | None = (file.metadata.metadata or {}).get(key)
    if line is None:
        raise BadArchive(f"{path} is no archive: it does not say what it is")
    return line


def _rows(path: Path, file: pq.ParquetFile, at: int) -> Iterator[tuple[Any, ...]]:
    group = file.metadata.row_group(at)
    if group.num_rows > _MOST_ROWS or group.total_byte_size > MOST_LOG:
        raise BadArchive(f"{path} has more rows in one group than a log has")
    columns = [
        (column.combine_chunks().view(pa.int64()) if field.type == _INSTANT else column).to_pylist()
        for column, field in zip(file.read_row_group(at, use_threads=False).itercolumns(), _SCHEMA, strict=True)
    ]
    return zip(*columns, strict=True)


def _logs(path: Path, rows: Iterator[tuple[Any, ...]]) -> Iterator[ArchivedAttempt]:
    """The logs of one group of rows, each of which is in there as a whole."""
    whole: ArchivedAttempt | None = None
    for attempt_id, test_id, *header, sealed in rows:
        if sealed is not None:
            if whole is not None:
                yield whole
            whole = ArchivedAttempt(attempt_id, test_id, [], sealed)
        if whole is None or (whole.attempt_id, whole.test_id) != (attempt_id, test_id):
            raise BadArchive(f"{path} has a row of no log")
        whole.records.append(msgspec.convert(header, Header))
    if whole is not None:
        yield whole
