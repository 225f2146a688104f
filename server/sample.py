"""The sample exam, with its picture."""

from importlib.resources import files
from io import BytesIO
from typing import TYPE_CHECKING
from zipfile import ZipFile

if TYPE_CHECKING:
    from server.importing.reading import ReadExam


def pack_sample() -> bytes:
    """The exam file and what lies beside it as a zip, as an author would hand it in."""
    packed = BytesIO()
    with ZipFile(packed, "w") as package:
        for file in files("server").joinpath("sample_exam").iterdir():
            package.writestr(file.name, file.read_bytes())
    return packed.getvalue()


def read_sample() -> "ReadExam":
    """What it says."""
    from server.importing.reading import read_file

    return read_file("sample.zip", pack_sample(), None)
