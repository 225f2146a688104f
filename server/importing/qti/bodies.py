"""An item's texts as HTML: what is answered in them becomes places, files that come with the item get their names."""

import re
from collections.abc import Callable
from html import escape
from typing import Final

from protocol import markup
from protocol.content import Criterion
from server.importing.faults import ImportFault
from server.importing.qti.names import LANGUAGE, children, text_of
from server.importing.qti.rubrics import rubric_in
from server.importing.texts import html_body
from server.importing.xml import Element
from server.media.looking import Looked

Find = Callable[[str], tuple[str, Looked]]
"""Takes in the file at an address: its name for texts, "media:…", and what it is. Raises `ImportFault` where there is
none."""

MEDIA_INTERACTION: Final = "mediaInteraction"
_FEEDBACK: Final = ("feedbackBlock", "feedbackInline", "modalFeedback")
_UNSEEN: Final = ("stylesheet", "companionMaterialsInfo", "catalogInfo", "positionObjectStage")
_SELDOM: Final = ("printedVariable", "templateBlock", "templateInline", "templateVariable", "include")
_TRANSPARENT: Final = ("contentBody", "itemBody", "stimulusBody", "gapText", "prompt")
_MEDIA: Final = ("audio", "img", "object", "video")
_DROPPED: Final = ("class", "role", "style", "id", "tabindex", "label", "longdesc", "xmlns")
_SEEN_STYLE: Final = re.compile(r"(display|visibility|text-decoration|vertical-align)\s*:", re.IGNORECASE)
_CANDIDATE: Final = ("candidate", "testConstructor candidate", "")


class Texts:
    """Writes the texts of one item. `find` takes in a file of it. `guidance` and `rubric` collect what is for whoever
    marks it."""

    def __init__(self, find: Find, losses: list[str]) -> None:
        self.find = find
        self._losses = losses
        self.guidance: list[str] = []
        self.rubric: list[Criterion] = []
        self.feedback: list[Element] = []

    def html(self, element: Element, placed: Callable[[Element], str | None] | None = None) -> str:
        """What is inside of an element. `placed` gives what stands for an interaction, None: it is none."""
        parts = [escape(element.text or "", quote=False)]
        for child in element:
            if isinstance(child.tag, str):
                parts.append(self._element(child, placed))
            parts.append(escape(child.tail or "", quote=False))
        return "".join(parts)

    def body(self, element: Element, placed: Callable[[Element], str | None] | None = None) -> str:
        """The same as a body."""
        return html_body(self.html(element, placed), self._losses)

    def titled(self, element: Element) -> str:
        """What is inside of an element as a body, with its title before it."""
        return html_body(_title_of(element) + self.html(element), self._losses)

    def line(self, element: Element) -> str:
        """The same as a line."""
        return html_body(self.html(element), self._losses, line=True)

    def _element(self, element: Element, placed: Callable[[Element], str | None] | None) -> str:
        name = str(element.tag)
        place = None if placed is None else placed(element)
        if place is not None:
            return place
        if name in _FEEDBACK:
            # A text that is looked at before it is written is read twice.
            if element not in self.feedback:
                self.feedback.append(element)
            return ""
        if name == MEDIA_INTERACTION:
            return self._played(element)
        if name == "infoControl":
            return _title_of(element) + self.html(element, placed)
        if name == "rubricBlock":
            return self._rubric(element)
        if name in _SELDOM:
            raise ImportFault(f"Its text has `{name}`, of which a question here has nothing.")
        if name.endswith("Interaction"):
            raise ImportFault(f"`{name}` is none of the interactions that a question here can have.")
        if name in _UNSEEN:
            return ""
        if name in _TRANSPARENT:
            return self.html(element, placed)
        if name in _MEDIA:
            return self._medium(element)
        attributes = "".join(f' {key}="{escape(value)}"' for key, value in self._kept(element))
        if name in markup.EMPTY:
            return f"<{name}{attributes}>"
        return f"<{name}{attributes}>{self.html(element, placed)}</{name}>"

    def _kept(self, element: Element) -> list[tuple[str, str]]:
        found: list[tuple[str, str]] = []
        for key, value in element.attrib.items():
            if key == "style" and _SEEN_STYLE.search(str(value)):
                self._losses.append("left out: a style that hides or marks text")
            elif key == LANGUAGE:
                found.append(("lang", str(value)))
            elif key not in _DROPPED and not str(key).startswith(("data-", "aria-", "{")):
                found.append((str(key), str(value)))
        return found

    def _played(self, element: Element) -> str:
        """A sound or film that is played, and nothing answered."""
        if any(element.get(name, "0") not in ("0", "") for name in ("minPlays", "maxPlays")):
            self._losses.append("left out: how often a sound or film is played")
        return f"<div>{self.html(element)}</div>"

    def _rubric(self, element: Element) -> str:
        views = element.get("view", "candidate").split()
        if "candidate" in views:
            return f"<div>{self.html(element)}</div>"
        if "scorer" in views and not self.rubric and (rubric := rubric_in(element)):
            self.rubric = rubric
        elif "scorer" in views:
            self.guidance.append(" ".join("".join(text_of(element)).split()))
        elif text_of(element):
            self._losses.append(f"left out: a note for {' and '.join(views)[:60] or 'others'}")
        return ""

    def _medium(self, element: Element) -> str:
        address, kind = medium_of(element)
        try:
            source, _ = self.find(address)
        except ImportFault as fault:
            self._losses.append(f"left out: {fault}")
            # The words for those who do not see a picture are left.
            return self.html(element) if element.tag == "object" else escape(element.get("alt", ""))
        if kind == "object":
            self._losses.append(f"left out: the file {address[:100]!r}")
            return self.html(element)
        size = "".join(f' {key}="{escape(element.get(key, ""))}"' for key in ("width", "height") if element.get(key))
        if next(element.iter("track"), None) is not None:
            self._losses.append("left out: the subtitles of a film or sound")
        if kind != "img":
            return f'<{kind} src="{source}"{size}></{kind}>'
        said = element.get("alt") or (text_of(element) if element.tag == "object" else "")
        return f'<img src="{source}" alt="{escape(said)}"{size}>'


def _title_of(element: Element) -> str:
    title = element.get("title", "").strip()
    return f"<p><strong>{escape(title, quote=False)}</strong></p>" if title else ""


def medium_of(element: Element) -> tuple[str, str]:
    """The address of a file in a text, and the element that shows it: `img`, `audio`, `video`, or `object` for none of
    these."""
    if element.tag != "object":
        source = next(iter(children(element, "source")), None)
        within = "" if source is None else source.get("src", "")
        return element.get("src", "") or within, str(element.tag)
    kind, address = element.get("type", ""), element.get("data", "")
    for begins, name in (("image/", "img"), ("audio/", "audio"), ("video/", "video")):
        if kind.startswith(begins):
            return address, name
    is_picture = address.lower().rsplit(".", 1)[-1] in ("png", "jpg", "jpeg", "gif", "svg", "webp")
    return address, "img" if is_picture else "object"


def why_blank(choice: Element, losses: list[str]) -> str:
    """What is said of a choice of which nothing is seen."""
    medium = next(choice.iter(*_MEDIA), None)
    name = "" if medium is None else medium_of(medium)[0].rsplit("/", 1)[-1]
    lost = next((loss for loss in losses if name and loss.startswith("left out: the file") and name in loss), None)
    if lost is None:
        return "One of its choices shows nothing."
    told = lost.removeprefix("left out: ")
    return f"One of its choices is nothing but a picture that can't be shown: {told}."


def says_something(element: Element) -> bool:
    """Whether an element shows anything: a text, or a file."""
    return bool(text_of(element)) or any(True for _ in element.iter(*_MEDIA, "math"))
