"""Makes of an SVG file a picture that does nothing and fetches nothing: it is written anew from what is known."""

import re
from html import escape
from typing import Final
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from server.media.faults import MediaFault
from server.media.pixels import Size

MAX_SVG_BYTES: Final = 2 * 1024 * 1024
MAX_ELEMENTS: Final = 20_000
MAX_DEPTH: Final = 60
MAX_NAMED: Final = 20

_SVG: Final = "{http://www.w3.org/2000/svg}"
_LINK: Final = "{http://www.w3.org/1999/xlink}href"
_ELEMENTS: Final = frozenset(
    (
        *("circle", "clipPath", "defs", "desc", "ellipse", "g", "line", "linearGradient", "marker", "mask", "path"),
        *("pattern", "polygon", "polyline", "radialGradient", "rect", "stop", "svg", "switch", "symbol", "text"),
        *("textPath", "title", "tspan", "use"),
    )
)
_QUIET: Final = frozenset(("metadata",))
"""Elements that show nothing: it is no loss that they go."""
_PAINT: Final = frozenset(
    (
        *("clip-path", "clip-rule", "color", "direction", "display", "dominant-baseline", "fill", "fill-opacity"),
        *("fill-rule", "font-family", "font-size", "font-stretch", "font-style", "font-variant", "font-weight"),
        *("letter-spacing", "marker-end", "marker-mid", "marker-start", "mask", "opacity", "overflow", "paint-order"),
        *("shape-rendering", "stop-color", "stop-opacity", "stroke", "stroke-dasharray", "stroke-dashoffset"),
        *("stroke-linecap", "stroke-linejoin", "stroke-miterlimit", "stroke-opacity", "stroke-width", "text-anchor"),
        *("text-decoration", "text-rendering", "unicode-bidi", "vector-effect", "visibility", "word-spacing"),
        *("writing-mode",),
    )
)
"""What may be said by an attribute or by a style alike."""
_ATTRIBUTES: Final = _PAINT | frozenset(
    (
        *("clipPathUnits", "cx", "cy", "d", "dx", "dy", "fr", "fx", "fy", "gradientTransform", "gradientUnits"),
        *("height", "id", "lengthAdjust", "markerHeight", "markerUnits", "markerWidth", "maskContentUnits"),
        *("maskUnits", "method", "offset", "orient", "pathLength", "patternContentUnits", "patternTransform"),
        *("patternUnits", "points", "preserveAspectRatio", "r", "refX", "refY", "rotate", "rx", "ry", "spacing"),
        *("spreadMethod", "startOffset", "textLength", "transform", "version", "viewBox", "width", "x", "x1", "x2"),
        *("y", "y1", "y2"),
    )
)
_DOCTYPE: Final = re.compile(r"<!DOCTYPE\s+svg[^\[\]<>]*>")
_OWN_URL: Final = re.compile(r"url\(\s*(['\"]?)#[\w.:-]+\1\s*\)")
_FETCHES: Final = re.compile(r"url\s*\(|@import|expression|javascript:|\\", re.IGNORECASE)
_LENGTH: Final = re.compile(r"([0-9]{1,6}(?:\.[0-9]+)?)(px|pt|mm|cm|in|)")
_EXTENT: Final = re.compile(r"(?=[0-9.]{1,9}$)(?:[0-9]+\.?[0-9]*|\.[0-9]+)")
_PIXELS: Final = {"": 1.0, "px": 1.0, "pt": 96 / 72, "mm": 96 / 25.4, "cm": 96 / 2.54, "in": 96.0}


def clean_svg(data: bytes) -> tuple[bytes, Size | None, list[str]]:
    """The picture written anew; its size, where it says one; and what was taken away that somebody might miss. Raises
    `MediaFault` where it can't be read, or asks for more than a picture does."""
    if len(data) > MAX_SVG_BYTES:
        raise MediaFault(f"The SVG picture is larger than {MAX_SVG_BYTES // 1024**2} MiB.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise MediaFault("The SVG picture is not written in UTF-8.") from None
    text = _DOCTYPE.sub("", re.sub(r"^\s*<\?xml[^>]*\?>", "", text), count=1)
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise MediaFault("The SVG picture defines entities; save it without.")
    try:
        # Without a document type there are no entities, and nothing to fetch.
        root: Element = ElementTree.fromstring(text.strip())  # noqa: S314
    except (ElementTree.ParseError, ValueError):
        raise MediaFault("The SVG picture is no XML that can be read.") from None
    if root.tag != f"{_SVG}svg":
        raise MediaFault("The file is XML, but no SVG picture.")
    taken: dict[str, None] = {}
    parts = _written(root, taken)
    return "".join(parts).encode(), _size(root), list(taken)[:MAX_NAMED]


def _written(root: Element, taken: dict[str, None]) -> list[str]:
    """Written without calling itself: how deep a picture nests is up to strangers."""
    parts: list[str] = []
    count = 0
    waiting: list[tuple[Element | str, int]] = [(root, 1)]
    while waiting:
        element, depth = waiting.pop()
        if isinstance(element, str):
            parts.append(element)
            continue
        count += 1
        if count > MAX_ELEMENTS or depth > MAX_DEPTH:
            raise MediaFault(f"The SVG picture has more than {MAX_ELEMENTS} elements, or {MAX_DEPTH} in one another.")
        name = element.tag.removeprefix(_SVG)
        if name not in _ELEMENTS:
            if element.tag.startswith(_SVG) and name not in _QUIET:
                taken[f"the element `<{name[:40]}>`"] = None
            parts.append(escape(element.tail or "", quote=False) if depth > 1 else "")
            continue
        space = ' xmlns="http://www.w3.org/2000/svg"' if depth == 1 else ""
        parts.append(f"<{name}{space}{_attributes(name, element, taken)}>{escape(element.text or '', quote=False)}")
        waiting.append((f"</{name}>" + (escape(element.tail or "", quote=False) if depth > 1 else ""), depth))
        waiting.extend((child, depth + 1) for child in reversed(element))
    return parts


def _attributes(name: str, element: Element, taken: dict[str, None]) -> str:
    said: dict[str, str] = {}
    for attribute, value in element.attrib.items():
        if attribute in ("href", _LINK):
            if re.fullmatch(r"#[\w.:-]+", value):
                said["href"] = value
            else:
                taken[f"a link of `<{name}>`"] = None
        elif attribute == "style":
            said |= _styles(name, value, taken)
        elif attribute in _ATTRIBUTES:
            _say(said, name, attribute, value, taken)
        elif not attribute.startswith("{") and not attribute.startswith(("data-", "aria-")):
            taken[f"`{attribute[:40]}` of `<{name}>`"] = None
    return "".join(f' {attribute}="{escape(value)}"' for attribute, value in said.items())


def _styles(name: str, style: str, taken: dict[str, None]) -> dict[str, str]:
    """A style as attributes: a page allows no style. What drawing programs keep for themselves begins with `-`."""
    said: dict[str, str] = {}
    for declaration in style.split(";"):
        property_, _, value = declaration.partition(":")
        property_, value = property_.strip().lower(), value.strip()
        if property_ in _PAINT:
            _say(said, name, property_, value, taken)
        elif property_ and not property_.startswith("-"):
            taken[f"the style `{property_[:40]}` of `<{name}>`"] = None
    return said


def _say(said: dict[str, str], name: str, attribute: str, value: str, taken: dict[str, None]) -> None:
    if _FETCHES.search(_OWN_URL.sub("", value)):
        taken[f"what `{attribute}` of `<{name}>` says"] = None
    else:
        said[attribute] = value


def _size(root: Element) -> Size | None:
    sides = [_LENGTH.fullmatch(root.get(side, "").strip()) for side in ("width", "height")]
    if all(sides):
        width, height = (round(float(side[1]) * _PIXELS[side[2]]) for side in sides if side)
        return max(1, width), max(1, height)
    # Split, not matched: a pattern that has two ways to read each comma takes hours for three hundred of them.
    box = root.get("viewBox", "").replace(",", " ").split()
    if len(box) != 4 or not all(map(_EXTENT.fullmatch, box[2:])):
        return None
    return max(1, round(float(box[2]))), max(1, round(float(box[3])))
