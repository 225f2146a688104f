"""An exam file with its pictures, sounds and films in one zip."""

from collections.abc import Sequence
from io import BytesIO
from typing import Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from protocol.media import Medium

EXAM: Final = "exam.yaml"
_LONG_AGO: Final = (1980, 1, 1, 0, 0, 0)
"""The same test is the same file, whenever it is packed."""


def pack_exam(text: str, files: Sequence[tuple[Medium, bytes]]) -> bytes:
    """The zip. A file is called like its hash, by which the texts name it."""
    packed = BytesIO()
    with ZipFile(packed, "w", ZIP_DEFLATED) as out:
        out.writestr(_entry(EXAM), text)
        for medium, data in files:
            kind = medium.type.partition("/")[2].partition("+")[0]
            out.writestr(_entry(f"media/{medium.hash}.{kind}"), data)
    return packed.getvalue()


def _entry(name: str) -> ZipInfo:
    entry = ZipInfo(name, _LONG_AGO)
    entry.compress_type = ZIP_DEFLATED
    return entry
