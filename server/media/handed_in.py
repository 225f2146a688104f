"""What a file is that a candidate hands in, by its content."""

import re
from collections.abc import Sequence
from io import BytesIO
from typing import Final, NamedTuple
from zipfile import BadZipFile, ZipFile

from protocol.content import FileKind
from server.media.faults import MediaFault
from server.media.looking import look

_KINDS: Final[dict[str, tuple[FileKind, ...]]] = {
    "img": ("picture",),
    "audio": ("audio",),
    # Recorders put a voice alone into the same container.
    "video": ("video", "audio"),
    "exhibit": ("pdf",),
}
_DOCUMENTS: Final = {
    "word/document.xml": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xl/workbook.xml": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ppt/presentation.xml": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}
_OPEN_DOCUMENT: Final = re.compile(
    rb"PK\x03\x04.{26}mimetype(application/vnd\.oasis\.opendocument\.(?:text|spreadsheet|presentation))PK", re.DOTALL
)
_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f]")
_NAMES: Final[dict[str, str]] = {
    "picture": "a picture (PNG, JPEG, GIF, WebP)",
    "pdf": "a PDF",
    "text": "a plain text",
    "document": "a document of an office program",
    "audio": "a sound",
    "video": "a film",
}
EXTENSIONS: Final[dict[str, str]] = {
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/gif": "gif",
    "image/webp": "webp",
    "audio/wav": "wav",
    "audio/ogg": "ogg",
    "audio/mpeg": "mp3",
    "audio/mp4": "m4a",
    "video/mp4": "mp4",
    "video/webm": "webm",
    "application/pdf": "pdf",
    "text/plain": "txt",
    **dict(zip(_DOCUMENTS.values(), ("docx", "xlsx", "pptx"), strict=True)),
    "application/vnd.oasis.opendocument.text": "odt",
    "application/vnd.oasis.opendocument.spreadsheet": "ods",
    "application/vnd.oasis.opendocument.presentation": "odp",
}


class HandedIn(NamedTuple):
    """The media type of a file, and what it may be handed in as."""

    type: str
    kinds: tuple[FileKind, ...]


def look_at(data: bytes, kinds: Sequence[str]) -> str:
    """The media type of a file of one of these kinds. Raises `MediaFault` with a sentence for the candidate."""
    found = _what_is(data)
    if found is None or not set(found.kinds) & set(kinds):
        wanted = " or ".join(_NAMES[kind] for kind in kinds)
        raise MediaFault(f"This file is not what is asked for here: {wanted}.")
    return found.type


def _what_is(data: bytes) -> HandedIn | None:
    if data.startswith(b"PK\x03\x04"):
        document = _document(data)
        return None if document is None else HandedIn(document, ("document",))
    if _is_text(data):
        return HandedIn("text/plain", ("text",))
    try:
        looked = look(data)
    except MediaFault:
        return None
    return HandedIn(looked.type, _KINDS[looked.element])


def _is_text(data: bytes) -> bool:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    return _CONTROL.search(text) is None and not text.startswith("%PDF-")


def _document(data: bytes) -> str | None:
    """What it is by its table of contents: nothing is unpacked. One with a program in it is none."""
    found = _OPEN_DOCUMENT.match(data)
    if found is not None:
        return found[1].decode()
    try:
        with ZipFile(BytesIO(data)) as packed:
            names = set(packed.namelist())
    except (BadZipFile, ValueError, NotImplementedError, OSError):
        return None
    if "[Content_Types].xml" not in names or any(name.endswith("vbaProject.bin") for name in names):
        return None
    return next((mime for name, mime in _DOCUMENTS.items() if name in names), None)
