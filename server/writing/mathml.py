"""Makes the converter's MathML fit for browsers: MathML Core, with the spaces and characters that formulas have."""

import re
import unicodedata
from collections.abc import Callable
from html import escape
from typing import Final
from xml.etree.ElementTree import Element

from protocol import markup
from server.writing.faults import WritingFault
from server.writing.letters import STYLES, styled

_NAMESPACE: Final = "{http://www.w3.org/1998/Math/MathML}"
_ARITY: Final = {
    "mfrac": 2, "mroot": 2, "msub": 2, "msup": 2, "mover": 2, "munder": 2, "msubsup": 3, "munderover": 3
}  # fmt: skip
_LIMITS: Final = {"msub": "munder", "msup": "mover", "msubsup": "munderover"}
_LIMITED: Final = frozenset("∑∏∐\u22c3⋂\u22c1⋀⨁⨂⨆") | {
    *("lim", "max", "min", "sup", "inf", "lim\u2006sup", "lim\u2006inf", "gcd", "det", "Pr", "argmax", "argmin")
}
"""Operators whose limits stand above and below where there is room."""
_LETTERS: Final = frozenset("∞∂∇∅△∠∀∃ℏ°%$#…")
"""Symbols that stand for a thing and not between two."""
_PRIMES: Final = frozenset("\u2032″‴⁗")
_SIGNS: Final = str.maketrans({"\ue000": "<", "\ue001": ">", "\ue002": "&"})
_NAMED_WIDTHS: Final = {
    "negativethinmathspace": "-0.167em",
    "negativemediummathspace": "-0.222em",
    "negativethickmathspace": "-0.278em",
}
_LENGTH: Final = re.compile(r"[+-]?[0-9]{0,2}\.?[0-9]{1,4}(?:em|ex)?")
_THIN: Final = "0.167em"


def tidied(root: Element, latex: str, refuse: Callable[[str], WritingFault]) -> str:
    """The formula as text. Raises what `refuse` makes of a reason where a part of it could not be shown."""
    _name(root)
    _merge_commas(root)
    _tidy(root, refuse)
    _space_functions(root)
    root.set("alttext", latex)
    return "".join(_written(root))


def _name(element: Element) -> None:
    for node in element.iter():
        node.tag = node.tag.removeprefix(_NAMESPACE)


def _merge_commas(element: Element) -> None:
    """`1{,}5` is one number."""
    for parent in element.iter():
        at = 1
        while at < len(parent) - 1:
            before, comma, after = parent[at - 1], parent[at], parent[at + 1]
            number = before.tag == after.tag == "mn" and comma.tag == "mrow" and len(comma) == 1
            if number and comma[0].tag == "mo" and comma[0].text in (",", "."):
                before.text = f"{before.text}{comma[0].text}{after.text}"
                del parent[at : at + 2]
            else:
                at += 1


def _tidy(element: Element, refuse: Callable[[str], WritingFault]) -> None:
    for child in element:
        _tidy(child, refuse)
    text = (element.text or "").translate(_SIGNS)
    if element.tag not in markup.MATH or element.tag == "merror":
        raise refuse(f"`{element.tag}` can't be shown")
    if element.tag != "mtext" and text.startswith("\\"):
        raise refuse(f"`{text}` is not known")
    if element.tag == "mtext" and re.search(r"\\[A-Za-z]|\$", text):
        raise refuse("a command or a formula stands in its text; end the text before it")
    if element.tag == "mi" and text in ("&", "{", "}"):
        raise refuse(f"a `{text}` stands where it means nothing")
    if element.get("linebreak"):
        raise refuse("a `\\\\` stands outside of a table; write it in `\\begin{aligned}`")
    if len(element) != _ARITY.get(element.tag, len(element)):
        raise refuse("something is missing in it")
    element.text = text or None
    _dress(element)
    if element.tag == "mi" and _is_operator(text):
        element.tag = "mo"
    elif element.tag == "mo" and text in ("∞", "∅"):
        element.tag = "mi"
    elif element.tag in _LIMITS and element[0].tag == "mo" and element[0].text in _LIMITED:
        element.tag = _LIMITS[element.tag]
    if element.tag in ("munder", "munderover", "mover"):
        _lines(element)
        if element[0].text in _LIMITED:
            element[0].set("movablelimits", "true")
    if element.tag == "mtable":
        _rule(element)
    allowed = markup.ATTRIBUTES.get(element.tag, frozenset())
    for name in [name for name in element.attrib if name not in allowed]:
        del element.attrib[name]


def _dress(element: Element) -> None:
    """Styles of letters become characters; widths become lengths."""
    style = element.get("mathvariant")
    if style in STYLES and element.text and not (style == "italic" and len(element.text) == 1):
        element.text = styled(element.text, style)
    if style != "normal":
        element.attrib.pop("mathvariant", None)
    if element.tag in ("mspace", "mpadded"):
        for name in ("width", "height", "depth", "lspace", "voffset"):
            length = element.get(name)
            if length is not None:
                length = _NAMED_WIDTHS.get(length, length)
                element.set(name, length)
                # MathML Core has no length that is relative to what is there.
                if not _LENGTH.fullmatch(length) or (element.tag == "mpadded" and length[0] in "+-"):
                    del element.attrib[name]


def _is_operator(text: str) -> bool:
    if len(text) != 1 or text in _LETTERS:
        return False
    return text in ":¬⌊⌋⌈⌉⟨⟩~" or text in _PRIMES or unicodedata.category(text) == "Sm"


def _lines(element: Element) -> None:
    """A line over or under something is as long as it."""
    for line in element[1:]:
        if line.tag == "mo" and line.text in ("―", "¯", "‾", "_"):
            line.text = "‾"
            line.set("stretchy", "true")


def _rule(table: Element) -> None:
    """Lines of an array become attributes of the cells behind and below them."""
    columns, rows = (table.get("columnlines") or "").split(), (table.get("rowlines") or "").split()
    for at, row in enumerate(table):
        for place, cell in enumerate(row):
            if place and columns and columns[min(place - 1, len(columns) - 1)] != "none":
                cell.set("columnlines", "solid")
            if at and rows and rows[min(at - 1, len(rows) - 1)] != "none":
                cell.set("rowlines", "solid")


def _space_functions(root: Element) -> None:
    """A thin space stands before and behind the name of a function, unless a bracket or an operator does."""
    for parent in list(root.iter()):
        if parent.tag in _ARITY or len(parent) < 2:
            continue
        placed: list[Element] = []
        children = list(parent)
        for at, child in enumerate(children):
            named = _is_function(child)
            if named and placed and placed[-1].tag not in ("mo", "mspace"):
                placed.append(Element("mspace", {"width": _THIN}))
            placed.append(child)
            if named and at + 1 < len(children):
                applied = Element("mo")
                applied.text = "\u2061"
                placed.append(applied)
                if not _opens(children[at + 1]):
                    placed.append(Element("mspace", {"width": _THIN}))
        parent[:] = placed


def _is_function(element: Element) -> bool:
    name = element[0] if element.tag in ("msub", "msup", "msubsup") else element
    return name.tag == "mi" and len(name.text or "") > 1 and (name.text or "").isascii()


def _opens(element: Element) -> bool:
    """Whether it begins with an operator or a bracket, or is itself a function, which has its space."""
    while element.tag in ("mrow", "msup", "msub", "msubsup", "mstyle") and len(element):
        element = element[0]
    return element.tag in ("mo", "mspace") or (element.tag == "mi" and len(element.text or "") > 1)


def _written(element: Element) -> list[str]:
    attributes = "".join(f' {name}="{escape(value)}"' for name, value in sorted(element.attrib.items()))
    parts = [f"<{element.tag}{attributes}>", escape(element.text or "", quote=False)]
    for child in element:
        parts += _written(child)
    parts.append(f"</{element.tag}>")
    return parts
