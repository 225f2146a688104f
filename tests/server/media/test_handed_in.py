"""What a file is that a candidate hands in."""

from io import BytesIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

import pytest

from protocol.content import FileKind
from server.media.faults import MediaFault
from server.media.handed_in import EXTENSIONS, look_at
from tests.server.media.files import OTHERS, SVG, gif, jpeg, png, webp

ALL: list[FileKind] = ["picture", "pdf", "text", "document", "audio", "video"]


def packed(*names: str, first: tuple[str, str] | None = None) -> bytes:
    out = BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        if first is not None:
            archive.writestr(first[0], first[1], ZIP_STORED)
        for name in names:
            archive.writestr(name, "<x/>")
    return out.getvalue()


ODT = "application/vnd.oasis.opendocument.text"
DOCX = packed("[Content_Types].xml", "word/document.xml")


@pytest.mark.parametrize(
    ("data", "kind", "extension"),
    [
        (png(), "picture", "png"),
        (jpeg(), "picture", "jpg"),
        (gif(), "picture", "gif"),
        (webp(b"VP8L"), "picture", "webp"),
        (OTHERS["application/pdf"], "pdf", "pdf"),
        ("Grüße,\r\n\tAda".encode(), "text", "txt"),
        (b"\xef\xbb\xbfHello", "text", "txt"),
        (DOCX, "document", "docx"),
        (packed("[Content_Types].xml", "xl/workbook.xml"), "document", "xlsx"),
        (packed("content.xml", first=("mimetype", ODT)), "document", "odt"),
        (OTHERS["audio/mpeg"], "audio", "mp3"),
        (OTHERS["video/webm"], "video", "webm"),
        (OTHERS["video/webm"], "audio", "webm"),
        (OTHERS["video/mp4"], "audio", "mp4"),
    ],
)
def test_a_file_is_what_its_content_says(data: bytes, kind: FileKind, extension: str) -> None:
    assert EXTENSIONS[look_at(data, [kind])] == extension
    with pytest.raises(MediaFault, match="This file is not what is asked for here"):
        look_at(data, [other for other in ALL if other not in (kind, "audio", "video")][:1])


@pytest.mark.parametrize(
    "data",
    [
        b"MZ\x90\x00\x03",
        b"\x7fELF\x02",
        SVG.replace(b"<rect", b"\x00<rect"),
        packed("a.txt"),
        packed("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"),
        DOCX[: len(DOCX) // 2],
        b"PK\x03\x04",
        png()[:20],
        b"\xff\xfe\x00",
    ],
)
def test_what_is_nothing_of_it_is_refused(data: bytes) -> None:
    with pytest.raises(MediaFault):
        look_at(data, ALL)
