"""Essays of Moodle, with the files that are handed in with them, and fields that a question here has not."""

from typing import Final

from protocol import limits
from protocol.content import Essay, Interaction
from server.importing.handing import upload
from server.importing.moodle.fields import body_in, points_of, text_in
from server.importing.xml import Element

_NONE: Final = ("", "0")
_ONE: Final = ("", "0", "1")
_ALL_TO_ORDER: Final = ("", "0", "ALL")


def written_or_handed_in(element: Element, losses: list[str]) -> list[Interaction]:
    """What an essay asks for: a text, a file, or both."""
    points_mpt = points_of(element)
    guidance = body_in(element.find("graderinfo"), losses) or None
    attachments = text_in(element, "attachments")
    is_text = text_in(element, "responseformat") != "noinline"
    found: list[Interaction] = []
    if is_text:
        words = [_count(element, name) for name in ("minwordlimit", "maxwordlimit")]
        rich = text_in(element, "responseformat") in ("editor", "editorfilepicker")
        found.append(
            Essay(
                points_mpt=points_mpt,
                guidance=guidance,
                min_words=words[0],
                max_words=words[1],
                format="rich" if rich else "plain",
            )
        )
        if text_in(element, "responsetemplate"):
            losses.append("left out: the text with which an answer begins")
    if attachments not in _NONE or not is_text:
        if attachments not in _ONE:
            losses.append("one file is handed in, and not several")
        types = text_in(element, "filetypeslist").replace(",", " ").replace(";", " ").split()
        # A person marks both together: the points stand beside the text.
        name, share = ("file", 0) if is_text else ("answer", points_mpt)
        found.append(upload(types, losses, share, name, None if is_text else guidance))
    return found


def is_answer_required(element: Element) -> bool:
    """Whether an essay asks for all that it has."""
    is_asked = text_in(element, "responserequired") == "1"
    if text_in(element, "attachments") in _NONE:
        return is_asked
    is_file_asked = text_in(element, "attachmentsrequired") not in _NONE
    return is_file_asked and (is_asked or text_in(element, "responseformat") == "noinline")


def note_unread(element: Element, losses: list[str]) -> None:
    """Adds to the losses what a question has and one here has not."""
    if element.find("hint") is not None:
        losses.append("left out: hints")
    if element.find("units/unit") is not None:
        losses.append("left out: the units of a number")
    if text_in(element, "selecttype") not in _ALL_TO_ORDER:
        losses.append("all texts are put in order, and not some of them")


def _count(element: Element, name: str) -> int | None:
    written = text_in(element, name)
    is_count = written.isascii() and written.isdigit() and len(written) < 9
    return min(int(written), limits.MAX_ANSWER_CHARS) or None if is_count else None
