"""Shapes of QTI as areas of our pictures."""

from typing import Literal

from protocol.content import Picture
from server.importing.faults import ImportFault
from server.importing.qti.shapes import Shape, read_shape
from server.importing.xml import Element

Kind = Literal["rect", "circle", "ellipse", "poly"]


def shape_of(element: Element) -> Shape:
    """The shape of a spot: a rectangle where it says none."""
    return read_shape(element.get("shape", "rect"), element.get("coords", ""))


def as_area(shape: Shape, picture: Picture) -> tuple[Kind, list[int]]:
    """A shape in whole units of the picture."""
    if any(abs(coordinate) > 2 * max(picture.width, picture.height) for coordinate in shape.coords):
        raise ImportFault("A spot lies outside of the picture.")
    rounded = [round(coordinate) for coordinate in shape.coords]
    match shape.kind:
        case "circle" | "ellipse" | "poly":
            return shape.kind, rounded
        case "rect":
            x1, y1, x2, y2 = rounded
            return "rect", [min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)]
        case _:
            return "rect", [0, 0, picture.width, picture.height]
