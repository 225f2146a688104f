"""An archive as a Parquet file: others read it with tools for data, and what was changed in it is found."""

import errno
import gzip
from collections.abc import Callable
from contextlib import closing
from io import BytesIO
from pathlib import Path
from typing import Final

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]
import pytest

from storage.archives import folder, parquet
from storage.archives.faults import BadArchive
from storage.archives.format import ArchivedAttempt, Header, Writer
from storage.archives.forms import new_writer, read_archive, read_beginning
from storage.archives.names import Form
from tests.storage.making import NOW, ORG

SEALED: Final = b"sealed"


def _log(attempt_id: str, records: int) -> ArchivedAttempt:
    made = [Header(seq, NOW + seq, "answered", "candidate", b"digest", b"hash", NOW) for seq in range(records)]
    return ArchivedAttempt(attempt_id, "test", made, SEALED)


LOGS: Final = [_log("first", 3), _log("second", 1), _log("third", 2)]


def _fill(writer: Writer) -> None:
    for one in LOGS:
        writer.add(one)


def _archive(where: Path, form: Form = "parquet") -> Path:
    path = folder.write(where, form, ORG, NOW, _fill)
    assert path is not None
    return folder.finish(path)


@pytest.mark.parametrize(("rows", "groups"), [(1, 3), (4, 2), (100, 1)])
def test_it_has_a_row_for_each_record_in_groups_of_whole_logs(
    tmp_path: Path, rows: int, groups: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet, "_GROUP_ROWS", rows)
    path = _archive(tmp_path)
    assert (path.suffix, read_beginning(path).org_id, list(read_archive(path))) == (".parquet", ORG, LOGS)
    with pq.ParquetFile(path) as file:
        assert file.num_row_groups == groups
    table = pq.read_table(path).to_pylist()
    assert [row["sealed"] for row in table] == [SEALED, None, None, SEALED, SEALED, None]
    assert [row["at"].timestamp() for row in table[:3]] == pytest.approx([(NOW + seq) / 1000 for seq in range(3)])


def test_both_forms_say_the_same_of_themselves(tmp_path: Path) -> None:
    lines, table = _archive(tmp_path, "lines"), _archive(tmp_path)
    assert read_beginning(lines) == read_beginning(table)
    assert gzip.decompress(lines.read_bytes()).endswith(pq.read_metadata(table).metadata[b"pencilsdown.end"])


def _with(name: str, *values: object) -> Callable[[pa.Table], pa.Table]:
    def change(table: pa.Table) -> pa.Table:
        field = table.schema.field(name)
        kept = table.column(name).to_pylist()[len(values) :]
        return table.set_column(table.schema.get_field_index(name), field, pa.array([*values, *kept], field.type))

    return change


_CHANGES: Final[list[tuple[Callable[[pa.Table], pa.Table], str]]] = [
    (lambda table: table.slice(3), "something of it was changed"),
    (lambda table: table.slice(0, 4), "something of it was changed"),
    (lambda table: table.slice(1), "a row of no log"),
    (_with("kind", "left"), "something of it was changed"),
    (_with("sealed", b"other"), "something of it was changed"),
    (_with("sealed", SEALED, SEALED), "something of it was changed"),
    (_with("attempt_id", "first", "second"), "a row of no log"),
    (_with("test_id", "test", "other"), "a row of no log"),
    (_with("seq", -1), "no archive"),
    (lambda table: table.drop_columns(["role"]), "other columns"),
    (lambda table: table.append_column("more", table.column("seq")), "other columns"),
]


@pytest.mark.parametrize("at", range(len(_CHANGES)))
def test_a_file_that_was_written_anew_with_something_else_is_refused_by_name(tmp_path: Path, at: int) -> None:
    change, said = _CHANGES[at]
    path = _archive(tmp_path)
    table, beside = change(pq.read_table(path)), pq.read_metadata(path).metadata
    with pq.ParquetWriter(path, table.schema, store_schema=False) as writer:
        writer.write_table(table)
        writer.add_key_value_metadata(beside)
    with pytest.raises(BadArchive, match=rf"{path.name}.*{said}"):
        list(read_archive(path))


def test_a_table_of_somebody_else_is_no_archive(tmp_path: Path) -> None:
    path = tmp_path / "logs.parquet"
    pq.write_table(pa.table({"a": [1]}), path)
    for read in (read_beginning, lambda it: list(read_archive(it))):
        with pytest.raises(BadArchive, match=r"logs\.parquet .*does not say what it is"):
            read(path)


def test_a_group_that_is_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = _archive(tmp_path)
    monkeypatch.setattr(parquet, "_MOST_ROWS", 5)
    with pytest.raises(BadArchive, match="more rows"):
        list(read_archive(path))


def test_what_was_cut_or_has_another_byte_is_refused_or_says_the_same(tmp_path: Path) -> None:
    path = _archive(tmp_path)
    data, refused = path.read_bytes(), 0
    cut = [data[:size] for size in range(0, len(data), 97)]
    changed = [data[:at] + bytes([data[at] ^ 0x55]) + data[at + 1 :] for at in range(0, len(data), 5)]
    for one in [*cut, *changed, b"hello"]:
        path.write_bytes(one)
        try:
            assert list(read_archive(path)) == LOGS
        except BadArchive:
            refused += 1
    assert refused > len(cut) + len(changed) / 2


def test_a_file_that_is_not_there_is_no_bad_archive(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        list(read_archive(tmp_path / "logs.parquet"))


class _Full(BytesIO):
    def write(self, _: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_disk_that_is_full_is_said_once(form: Form) -> None:
    def write() -> None:
        with closing(new_writer(form, _Full(), ORG, NOW)) as writer:
            _fill(writer)
            writer.end()

    with pytest.raises(OSError, match="No space"):
        write()


def test_without_the_package_it_is_said_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = _archive(tmp_path)
    monkeypatch.setattr("storage.archives.names.find_spec", lambda _: None)
    for read in (read_archive, read_beginning):
        with pytest.raises(BadArchive, match=r"requirements-parquet\.lock"):
            read(path)
