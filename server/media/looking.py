"""What a file is, by its content: its type, what plays it, and the size of a picture."""

import re
from collections.abc import Callable
from typing import Final, Literal, NamedTuple

from server.media.faults import MediaFault
from server.media.pixels import Size, of_gif, of_jpeg, of_png, of_webp
from server.media.svg import clean_svg

MAX_BYTES: Final = 10 * 1024 * 1024
"""One file. A film of two minutes for a phone has about so many."""
MAX_PIXELS: Final = 40_000_000
"""Pixels of one picture: a browser takes four bytes for each, however small the file is."""

Element = Literal["img", "audio", "video", "exhibit"]


class Looked(NamedTuple):
    """A file that may be stored: `data` is what is kept of it, `taken` what was removed to make it so."""

    data: bytes
    type: str
    element: Element
    width: int | None
    height: int | None
    taken: list[str]


def look(data: bytes) -> Looked:
    """Raises `MediaFault` where the file is too large, broken, or of a type that is not taken."""
    if not data:
        raise MediaFault("The file is empty.")
    if len(data) > MAX_BYTES:
        raise MediaFault(f"The file is larger than {MAX_BYTES // 1024**2} MiB.")
    for begins, mime, size_of in _PICTURES:
        if begins.match(data):
            width, height = _checked(mime, size_of(data))
            return Looked(data, mime, "img", width, height, [])
    for begins, mime, element in _OTHERS:
        if begins.match(data):
            return Looked(data, mime, element, None, None, [])
    if _XML.match(data):
        svg, size, taken = clean_svg(data)
        if size is None:
            return Looked(svg, "image/svg+xml", "img", None, None, taken)
        return Looked(svg, "image/svg+xml", "img", *_checked("image/svg+xml", size), taken)
    raise MediaFault(
        "The file is no PNG, JPEG, GIF, WebP or SVG picture, no MP3, OGG, WAV or M4A sound, no MP4 or WebM film,"
        " and no PDF."
    )


def _checked(mime: str, size: Size | None) -> Size:
    if size is None or min(size) < 1:
        raise MediaFault(f"The picture can't be read: it is not whole, or no {mime} behind its first bytes.")
    if size[0] * size[1] > MAX_PIXELS:
        raise MediaFault(f"The picture has {size[0]} × {size[1]} pixels; {MAX_PIXELS} at most are taken.")
    return size


def _begins(pattern: bytes) -> re.Pattern[bytes]:
    return re.compile(pattern, re.DOTALL)


_PICTURES: Final[list[tuple[re.Pattern[bytes], str, Callable[[bytes], Size | None]]]] = [
    (_begins(rb"\x89PNG\r\n\x1a\n"), "image/png", of_png),
    (_begins(rb"\xff\xd8\xff"), "image/jpeg", of_jpeg),
    (_begins(rb"GIF8[79]a"), "image/gif", of_gif),
    (_begins(rb"RIFF.{4}WEBP"), "image/webp", of_webp),
]
_OTHERS: Final[list[tuple[re.Pattern[bytes], str, Element]]] = [
    (_begins(rb"RIFF.{4}WAVE"), "audio/wav", "audio"),
    (_begins(rb"OggS\0.{0,80}(?:\x01vorbis|OpusHead|\x7fFLAC|Speex   )"), "audio/ogg", "audio"),
    # A tag before the sound, or the first frame of MPEG layer III: version, bit rate and sampling rate that exist.
    (_begins(rb"ID3[\x02-\x04]|\xff[\xe2\xe3\xf2\xf3\xfa\xfb][\x10-\xeb]"), "audio/mpeg", "audio"),
    (_begins(rb".{4}ftypM4[AB] "), "audio/mp4", "audio"),
    (_begins(rb".{4}ftyp(?:isom|iso[2-9]|mp4[12]|avc1|dash|M4V |MSNV)"), "video/mp4", "video"),
    (_begins(rb"\x1a\x45\xdf\xa3.{0,60}?\x42\x82.webm"), "video/webm", "video"),
    (_begins(rb"%PDF-[12]\.[0-9]"), "application/pdf", "exhibit"),
]
_XML: Final = _begins(rb"(?:\xef\xbb\xbf)?\s*<(?:\?xml|!--|!DOCTYPE svg|svg)")
