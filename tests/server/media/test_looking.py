"""What a file is, by its content."""

import pytest

from server.media.faults import MediaFault
from server.media.looking import MAX_BYTES, look
from tests.server.media.files import OTHERS, SVG, gif, jpeg, png, webp

PICTURES = {
    "image/png": png(),
    "image/jpeg": jpeg(),
    "image/gif": gif(),
    "image/webp": webp(b"VP8 "),
    "image/svg+xml": SVG,
}


@pytest.mark.parametrize("mime", PICTURES)
def test_a_picture_has_a_type_and_a_size(mime: str) -> None:
    looked = look(PICTURES[mime])
    assert (looked.type, looked.element, looked.width, looked.height, looked.taken) == (mime, "img", 3, 2, [])


@pytest.mark.parametrize("mime", OTHERS)
def test_sounds_films_and_exhibits(mime: str) -> None:
    looked = look(OTHERS[mime])
    assert looked.type == mime
    assert looked.element == {"audio": "audio", "video": "video"}.get(mime.partition("/")[0], "exhibit")
    assert looked.data == OTHERS[mime]


@pytest.mark.parametrize("kind", [b"VP8 ", b"VP8L", b"VP8X"])
def test_each_kind_of_webp(kind: bytes) -> None:
    assert look(webp(kind, 390, 200))[3:5] == (390, 200)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty"),
        (b"\0" * (MAX_BYTES + 1), "larger than 10 MiB"),
        (b"hello", "is no PNG"),
        (b"<!DOCTYPE html><html><script>alert(1)</script></html>", "is no PNG"),
        (b"MZ\x90\0", "is no PNG"),
        (b"PK\3\4", "is no PNG"),
        (b"\xff\xfe\0\0", "is no PNG"),
        (png()[:40], "is not whole"),
        (jpeg()[:24], "is not whole"),
        (gif()[:12], "is not whole"),
        (webp(b"VP8X")[:-1], "is not whole"),
        (webp(b"VP8 ").replace(b"\x9d\x01\x2a", b"\0\0\0"), "is not whole"),
        (png(0, 2), "is not whole"),
        (png(50_000, 50_000), "50000 × 50000 pixels"),
        (b"\xff\xd8" + b"\xff\xe0\0\0" * 1000, "is not whole"),
    ],
    ids=[str(number) for number in range(15)],
)
def test_what_is_not_taken_is_refused_by_name(data: bytes, said: str) -> None:
    with pytest.raises(MediaFault, match=said):
        look(data)
