"""Exam files in a zip, beside their pictures."""

import zipfile
from io import BytesIO

import pytest

from protocol.content import Picture, Point
from protocol.errors import Refused
from protocol.media import Medium, hash_of
from server.importing.faults import ImportFault
from server.importing.packing import pack_exam
from server.importing.reading import read_file
from tests.server.media.files import png

PNG = png(4, 3)
HASH = hash_of(PNG)
EXAM = """
test_id: maps
title: Maps
questions:
  - {id: one, type: true_false, prompt: 'See ![The curve](pictures/curve.png).', correct: true}
  - id: two
    type: point
    prompt: Where?
    picture: {file: pictures/curve.png, width: 4, height: 3, alt: The curve}
    areas: [{circle: [2, 2, 1]}]
"""


def packed(**files: bytes) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        for name, data in files.items():
            file.writestr(name.replace("__", "/").replace("_dot_", "."), data)
    return out.getvalue()


@pytest.mark.parametrize("folder", ["", "exam__"])
def test_texts_name_files_by_their_paths(folder: str) -> None:
    files = {f"{folder}maps_dot_yaml": EXAM.encode(), f"{folder}pictures__curve_dot_png": PNG, "notes_dot_txt": b"x"}
    read = read_file("maps.zip", packed(**files), None)
    assert (read.test_id, set(read.files)) == ("maps", {HASH})
    assert read.content is not None
    one, two = read.content.questions
    assert f'<img alt="The curve" height="3" src="media:{HASH}" width="4">' in one.body or (
        f'src="media:{HASH}"' in one.body and 'width="4"' in one.body
    )
    [asked] = two.interactions
    assert isinstance(asked, Point)
    assert asked.picture == Picture(src=f"media:{HASH}", width=4, height=3, alt="The curve")


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"maps_dot_yaml": EXAM.encode()}, "The file `pictures/curve.png` was not found"),
        ({"maps_dot_yaml": EXAM.encode(), "pictures__curve_dot_png": b"x"}, "`pictures/curve.png` can't be used"),
        ({"a_dot_yaml": EXAM.encode(), "b_dot_yml": b""}, "several exam files: a.yaml, b.yml"),
    ],
)
def test_what_is_missing_or_broken_is_named(files: dict[str, bytes], said: str) -> None:
    with pytest.raises((Refused, ImportFault)) as refused:
        read_file("maps.zip", packed(**files), None)
    told = refused.value.refusal.detail if isinstance(refused.value, Refused) else str(refused.value)
    assert said in told


def test_a_file_beside_nothing_is_not_looked_for_on_the_disk() -> None:
    with pytest.raises(Refused, match="was not found"):
        read_file("maps.yaml", EXAM.encode(), None)


def test_what_was_packed_is_read_again() -> None:
    text = EXAM.replace("pictures/curve.png", f"media:{HASH}")
    data = pack_exam(text, [(Medium(HASH, "image/png", len(PNG), 4, 3), PNG)])
    assert data == pack_exam(text, [(Medium(HASH, "image/png", len(PNG), 4, 3), PNG)])
    read = read_file("maps.zip", data, None)
    assert {name: looked.data for name, looked in read.files.items()} == {HASH: PNG}
