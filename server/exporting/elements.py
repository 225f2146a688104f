"""Elements of QTI 3, and the markup of bodies among them."""

from collections.abc import Callable
from typing import Final

from lxml import etree, html

from protocol.content import Picture

Element = etree._Element
NAMESPACE: Final = "http://www.imsglobal.org/xsd/imsqtiasi_v3p0"
_MATHML: Final = "http://www.w3.org/1998/Math/MathML"
_NAMED: Final = {"pd-gap": "gap", "pd-hot": "hottext"}
LANGUAGE: Final = "{http://www.w3.org/XML/1998/namespace}lang"


def qti(tag: str, *inside: Element, text: str | None = None, **attributes: object) -> Element:
    """`qti("choice-interaction", max_choices=1)`: an element of QTI with its attributes. What is None is left out."""
    element = etree.Element(f"{{{NAMESPACE}}}qti-{tag}", nsmap={None: NAMESPACE})
    for name, value in attributes.items():
        if value is not None:
            element.set(name.rstrip("_").replace("_", "-"), str(value))
    element.text = text
    element.extend(inside)
    return element


class Words:
    """Puts bodies and pictures into elements. `file` gives the address of a stored file by its hash."""

    def __init__(self, file: Callable[[str], str]) -> None:
        self._file = file

    def fill(self, element: Element, body: str) -> Element:
        """The element with this body in it."""
        return fill(element, body, self._file)

    def picture(self, picture: Picture) -> Element:
        """What is chosen on."""
        element = etree.Element(f"{{{NAMESPACE}}}img", nsmap={None: NAMESPACE})
        element.set("src", self._file(picture.src.removeprefix("media:")))
        element.set("alt", picture.alt)
        element.set("width", str(picture.width))
        element.set("height", str(picture.height))
        return element


def fill(
    element: Element, body: str, file: Callable[[str], str], placed: Callable[[str], Element] | None = None
) -> Element:
    """Puts a body into an element. `file` gives the address of a stored file by its hash, `placed` what stands at the
    place of an interaction."""
    root = html.fragment_fromstring(body, create_parent="div")
    element.text = root.text
    for child in root:
        element.append(_converted(child, file, placed))
    return element


def _converted(found: Element, file: Callable[[str], str], placed: Callable[[str], Element] | None) -> Element:
    name = str(found.tag)
    if name == "pd-response" and placed is not None:
        made = placed(found.get("id", ""))
        made.tail = found.tail
        return made
    if name in _NAMED:
        inside = [_converted(child, file, placed) for child in found]
        made = qti(_NAMED[name], *inside, text=found.text, identifier=found.get("id", ""))
        made.tail = found.tail
        return made
    namespace = _MATHML if name == "math" or _is_in_formula(found) else NAMESPACE
    made = etree.Element(f"{{{namespace}}}{name}", nsmap={None: namespace})
    for key, value in found.attrib.items():
        address = file(value.removeprefix("media:")) if key == "src" and value.startswith("media:") else value
        made.set(LANGUAGE if key == "lang" else str(key), address)
    made.text, made.tail = found.text, found.tail
    made.extend(_converted(child, file, placed) for child in found)
    return made


def _is_in_formula(found: Element) -> bool:
    return any(parent.tag == "math" for parent in found.iterancestors())
