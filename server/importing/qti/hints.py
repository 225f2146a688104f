"""Constants of an item's response processing, near which answers are tried."""

from fractions import Fraction

from server.importing.faults import ImportFault
from server.importing.qti.asked import Hints
from server.importing.qti.names import children, text_of
from server.importing.qti.values import number
from server.importing.xml import Element


def hints_of(item: Element) -> Hints:
    """All texts, numbers and tolerances that the processing of an item names."""
    texts: list[str] = []
    numbers: list[Fraction] = []
    tolerances: list[Fraction] = []
    roundings: list[tuple[str, int]] = []
    for processing in children(item, "responseProcessing"):
        for element in processing.iter():
            match element.tag:
                case "baseValue" if element.get("baseType") == "string":
                    texts.append(text_of(element))
                case "baseValue":
                    numbers += _number(text_of(element))
                case "patternMatch" if element.get("pattern"):
                    texts.append(element.get("pattern", ""))
                case "equal":
                    for written in element.get("tolerance", "").split(maxsplit=2)[:2]:
                        tolerances += _number(written)
                case "equalRounded" | "roundTo":
                    figures = _number(element.get("figures", ""))
                    if figures and 0 <= figures[0] <= 30:
                        roundings.append((element.get("roundingMode", "significantFigures"), int(figures[0])))
                case _:
                    pass
    for element in item.iter("mapEntry", "matchTableEntry", "interpolationTableEntry"):
        # What is looked up may be the answer itself.
        if any(above.tag == "outcomeDeclaration" for above in element.iterancestors()):
            key = element.get("mapKey", element.get("sourceValue", ""))
            texts.append(key)
            numbers += _number(key)
    return Hints(texts, numbers, tolerances, roundings)


def _number(written: str) -> list[Fraction]:
    try:
        return [number(written)]
    except ImportFault:
        return []
