"""Writes and reads archives of either form. What Parquet needs is imported only where there is such a file."""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from storage.archives import lines
from storage.archives.faults import BadArchive
from storage.archives.format import ArchivedAttempt, Beginning, Writer
from storage.archives.names import INSTALL, Form, form_of, is_installed


def load_form(form: Form) -> None:
    """Imports what it needs, where nobody waits."""
    if form == "parquet":
        import storage.archives.parquet  # noqa: F401


def new_writer(form: Form, file: BinaryIO, org_id: str, made_at_ms: int) -> Writer:
    """Begins an archive in a file."""
    if form == "lines":
        return lines.LinesWriter(file, org_id, made_at_ms)
    from storage.archives.parquet import ParquetWriter

    return ParquetWriter(file, org_id, made_at_ms)


def read_beginning(path: Path) -> Beginning:
    """Raises `BadArchive` and `OSError`."""
    if _readable(path) == "lines":
        return lines.read_beginning(path)
    from storage.archives import parquet

    return parquet.read_beginning(path)


def read_archive(path: Path) -> Iterator[ArchivedAttempt]:
    """The logs of an archive, one after the other, not checked. Raises `BadArchive`, which may come after the last of
    them: only then it is known that the file is whole; and `OSError`."""
    if _readable(path) == "lines":
        return lines.read_archive(path)
    from storage.archives import parquet

    return parquet.read_archive(path)


def _readable(path: Path) -> Form:
    form = form_of(path)
    if not is_installed(form):
        raise BadArchive(f"{path} is a Parquet file: to read it, {INSTALL}")
    return form
