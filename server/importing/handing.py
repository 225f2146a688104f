"""Files to hand in, as others ask for them: by media types, by the ends of names, or by groups of these."""

from collections.abc import Iterable
from typing import Final

from protocol.content import Upload
from protocol.content.interactions.handing import FileKind

_USUAL: Final[tuple[FileKind, ...]] = ("picture", "pdf", "text", "document")
_ALL: Final[tuple[FileKind, ...]] = (*_USUAL, "audio", "video")
_NAMES: Final[dict[FileKind, str]] = {
    "picture": "image/* image web_image png jpg jpeg jpe gif webp",
    "pdf": "application/pdf pdf",
    "text": "text/* text/plain txt text csv md c py java",
    "document": (
        "application/msword application/rtf document spreadsheet presentation "
        "doc docx odt rtf xls xlsx ods ppt pptx odp"
    ),
    "audio": "audio/* audio html_audio web_audio mp3 m4a ogg wav oga",
    "video": "video/* video html_video web_video mp4 webm mov avi",
}
_OFFICE: Final = ("officedocument", "opendocument", "ms-excel", "ms-powerpoint")
_PDF_TOO: Final = "document"
"""Moodle's group of documents has PDFs in it."""
_ANY: Final = ("*", "*/*")


def upload(
    named: Iterable[str],
    losses: list[str],
    points_mpt: int,
    response_id: str = "answer",
    guidance: str | None = None,
) -> Upload:
    """A file of the kinds that are named. What none of our kinds is, is told."""
    wanted = [one.strip().lower().removeprefix(".") for one in named if one.strip()]
    if any(one in _ANY for one in wanted):
        return Upload(response_id=response_id, points_mpt=points_mpt, kinds=[*_ALL], guidance=guidance)
    found: set[FileKind] = set()
    for one in wanted:
        kinds = _kinds(one)
        if not kinds:
            losses.append(f"left out: files of the type {one[:60]!r}")
        found |= kinds
    kinds_in_order = [kind for kind in _ALL if kind in found] or [*_USUAL]
    return Upload(response_id=response_id, points_mpt=points_mpt, kinds=kinds_in_order, guidance=guidance)


def _kinds(name: str) -> set[FileKind]:
    if any(part in name for part in _OFFICE):
        return {"document"}
    whole = name.split("/", maxsplit=1)[0] + "/*" if "/" in name else name
    found = {kind for kind, names in _NAMES.items() if name in names.split() or whole in names.split()}
    return found | {"pdf"} if name == _PDF_TOO else found
