"""Sizes of pictures from broken headers: any bytes, no exception."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.media.pixels import of_gif, of_jpeg, of_png, of_webp
from tests.server.media.files import gif, jpeg, png, webp


@given(st.binary(max_size=80))
def test_any_bytes(data: bytes) -> None:
    for begins, size_of in (
        (b"\x89PNG\r\n\x1a\n", of_png),
        (b"\xff\xd8", of_jpeg),
        (b"GIF89a", of_gif),
        (b"RIFF", of_webp),
    ):
        size_of(begins + data)


@pytest.mark.parametrize("cut", range(1, 60))
def test_a_picture_that_is_cut_has_no_size(cut: int) -> None:
    assert of_png(png()[:-cut]) is None or cut < 8
    assert of_webp(webp(b"VP8L")[:-cut]) is None
    assert of_gif(gif()[:-cut]) is None
    assert of_jpeg(jpeg()[:-cut]) in (None, (3, 2))


def test_markers_before_the_frame_are_passed_over() -> None:
    whole = jpeg()
    assert of_jpeg(whole[:2] + b"\xff\xff\x01\xff\xd0" + whole[2:]) == (3, 2)
    assert of_jpeg(whole[:2] + b"\xff\xc4\0\4ab" + whole[2:]) == (3, 2)
