"""What the elements of a Moodle question say."""

from decimal import Decimal, InvalidOperation
from typing import Final

from server.importing.faults import ImportFault
from server.importing.texts import html_body, markdown_body, plain_body
from server.importing.xml import Element

_FORMATS: Final = ("html", "moodle_auto_format", "markdown", "plain_text")
_MAX_POINTS: Final = 100_000


def text_in(element: Element | None, path: str = "text") -> str:
    """The text of the element at this path, without white space around it; blank where there is none."""
    found = None if element is None else element.find(path)
    return "" if found is None else "".join(found.itertext()).strip()


def body_in(element: Element | None, losses: list[str], *, line: bool = False) -> str:
    """The body that an element with a `format` and a `<text>` says; blank where there is none."""
    written = text_in(element)
    if element is None or not written:
        return ""
    return as_body(written, element.get("format", "html"), losses, line=line)


def as_body(written: str, format_: str, losses: list[str], *, line: bool = False) -> str:
    """A text in one of Moodle's formats as a body."""
    match format_:
        case "markdown":
            return markdown_body(written, line=line)
        case "plain_text":
            return plain_body(written, line=line)
        case "moodle_auto_format":
            return html_body(written.replace("\n", "<br>"), losses, line=line)
        case "html" | "":
            return html_body(written, losses, line=line)
        case _:
            raise ImportFault(f"A text is in the format {format_[:40]!r}, which is none of {', '.join(_FORMATS)}.")


def points_of(question: Element) -> int:
    """Thousandths of a point that the question is worth: one point where it does not say."""
    worth = decimal(text_in(question, "defaultgrade") or "1", "defaultgrade")
    if not 0 < worth <= _MAX_POINTS:
        raise ImportFault(f"The question is worth {str(worth)[:20]} points.")
    return int((worth * 1_000).to_integral_value())


def fraction_of(answer: Element) -> Decimal:
    """The share of the points that an answer is worth, in per cent."""
    share = decimal(answer.get("fraction", "0"), "fraction")
    if abs(share) > 100:
        raise ImportFault(f"An answer is worth {str(share)[:20]} %: it can be worth from -100 % to 100 %.")
    return share


def is_true(question: Element, name: str) -> bool:
    """Whether a field says yes: "true", "1", or that it is there and says nothing."""
    found = question.find(name)
    return found is not None and text_in(question, name).lower() in ("", "true", "1", "yes")


def decimal(written: str, name: str) -> Decimal:
    """A number that a field of this name says."""
    try:
        number = Decimal(written.strip())
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or abs(number.adjusted()) > 30:
        raise ImportFault(f"`{name}` is {written[:40]!r}, and should be a number.")
    return number
