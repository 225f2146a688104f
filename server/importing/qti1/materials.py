"""Texts of QTI 1.2 as bodies: HTML in `<mattext>`, pictures, and names in brackets where something is answered."""

import re
from collections.abc import Callable
from html import escape, unescape
from typing import Final
from urllib.parse import unquote

from server.importing.blackboard.addresses import bare
from server.importing.faults import ImportFault
from server.importing.qti.bodies import Find
from server.importing.qti.names import children, text_of
from server.importing.texts import html_body
from server.importing.xml import Element
from server.writing.faults import WritingFault
from server.writing.maths import mathml

_PICTURE: Final = re.compile(r"<img\b[^>]{0,5000}>", re.IGNORECASE)
_ATTRIBUTE: Final = re.compile(r"""([a-zA-Z-]{1,40})\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_BASE: Final = re.compile(r"(?:\$|%24)IMS[-_]CC[-_]FILE[-_]?BASE(?:\$|%24)/?", re.IGNORECASE)
_TEXTS: Final = ("mattext", "mat_formattedtext", "matemtext")
_HTML: Final = ("text/html", "html", "smart_text", "text/xhtml")
_LEFT_OUT: Final = ("mataudio", "matvideo", "matapplet", "matapplication", "matref")
_INSIDE: Final = ("material", "flow_mat", "flow", "material_ref", "presentation", "mat_extension")


class Materials:
    """Writes the texts of one item."""

    def __init__(self, find: Find, losses: list[str]) -> None:
        self.find = find
        self._losses = losses

    def html(self, element: Element, placed: Callable[[Element], str | None] | None = None) -> str:
        """All material in an element. `placed` gives what stands for an interaction, None: it is none."""
        parts: list[str] = []
        for child in children(element):
            place = None if placed is None else placed(child)
            if place is not None:
                parts.append(place)
            elif child.tag in _TEXTS:
                parts.append(self._text(child))
            elif child.tag == "matimage":
                parts.append(self.picture({"src": child.get("uri", ""), "alt": child.get("label", "")}))
            elif child.tag in _INSIDE:
                parts.append(self.html(child, placed))
            elif child.tag == "matbreak":
                parts.append("<br>")
            elif child.tag == "math":
                parts.append(_markup(child))
            elif child.tag in _LEFT_OUT:
                self._losses.append(f"left out: `{str(child.tag)[:40]}`")
        return "".join(parts)

    def body(self, html: str) -> str:
        """HTML as a body."""
        return self._written(html, line=False)

    def line(self, element: Element) -> str:
        """All material in an element as a line."""
        return self.inline(self.html(element))

    def inline(self, html: str) -> str:
        """HTML as a line."""
        return self._written(html, line=True)

    def _written(self, html: str, *, line: bool) -> str:
        losses: list[str] = []
        body = html_body(html, losses, line=line)
        # How a text looks is no loss: stylesheets are left out in silence too.
        self._losses += [loss for loss in losses if not loss.startswith("left out: `style` of")]
        return body

    def address(self, written: str) -> str:
        """The address of a file of the package, as it is written in a text."""
        return bare(_BASE.sub("", written).partition("?")[0])

    def _text(self, element: Element) -> str:
        kind = element.get("texttype", element.get("type", "text/plain")).lower()
        inner = children(element)
        if inner:
            # Some write their HTML as elements of the XML.
            return self.with_pictures("".join(_markup(child) for child in inner))
        written = text_of(element)
        if kind not in _HTML:
            return escape(written, quote=False).replace("\n", "<br>")
        return self.with_pictures(written)

    def with_pictures(self, html: str) -> str:
        """HTML whose pictures have the names of stored files."""

        def rewritten(found: re.Match[str]) -> str:
            attributes = {name.lower(): unescape(one or other) for name, one, other in _ATTRIBUTE.findall(found[0])}
            if "data-equation-content" in attributes:
                return self._formula(attributes["data-equation-content"])
            return self.picture(attributes)

        return _PICTURE.sub(rewritten, html)

    def _formula(self, latex: str) -> str:
        try:
            return mathml(unquote(latex))
        except WritingFault:
            self._losses.append(f"a formula is left as it was typed: {latex[:60]!r}")
            return escape(latex)

    def picture(self, attributes: dict[str, str]) -> str:
        """The HTML of a picture with these attributes; its words where it is not here."""
        try:
            source, _ = self.find(self.address(attributes.get("src", "")))
        except ImportFault as fault:
            self._losses.append(f"left out: {fault}")
            return escape(attributes.get("alt", ""))
        size = "".join(f' {name}="{escape(attributes[name])}"' for name in ("width", "height") if name in attributes)
        return f'<img src="{source}" alt="{escape(attributes.get("alt", ""))}"{size}>'


def _markup(element: Element) -> str:
    attributes = "".join(f' {key}="{escape(str(value))}"' for key, value in element.attrib.items() if key != "style")
    inside = escape(element.text or "", quote=False) + "".join(
        _markup(child) + escape(child.tail or "", quote=False) for child in children(element)
    )
    return f"<{element.tag!s}{attributes}>{inside}</{element.tag!s}>"
