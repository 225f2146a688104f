"""What a test of QTI says of how its items are sat, beside their order and their time."""

from collections.abc import Iterator
from typing import Final

from protocol import limits
from server.importing.qti.names import children, text_of
from server.importing.xml import Element

_CONTROL: Final = "itemSessionControl"
_TOLD: Final = {
    ("allowComment", "true"): "left out: comments by candidates",
    ("allowReview", "false"): "left out: that candidates may not look at a question again",
    ("showFeedback", "true"): "left out: that feedback is shown while the test is sat",
    ("showSolution", "true"): "left out: that the right answers are shown",
}
_ONCE: Final = ("", "1")
_SUMS: Final = ("outcomeProcessing", "setOutcomeValue", "sum", "testVariables")
_POINTS: Final = ("SCORE", "MAXSCORE", "MAX_SCORE")
_MAX_TAG_CHARS: Final = 128


def must_be_answered(reference: Element) -> bool:
    """Whether candidates may not skip the item, or may hand in only what is valid: the nearest element that says so
    decides."""
    return _nearest(reference, "allowSkipping") == "false" or _nearest(reference, "validateResponses") == "true"


def tags_of(reference: Element) -> list[str]:
    """The categories of an item."""
    found = [" ".join(text_of(one).split()) for one in children(reference, "category")]
    fitting = [name for name in found if 0 < len(name) <= _MAX_TAG_CHARS and "/" not in name and "\\" not in name]
    return list(dict.fromkeys(fitting))[: limits.MAX_TAGS]


def note_controls(test: Element, losses: list[str]) -> None:
    """Adds to the losses what a test demands of its items and one here can't."""
    for control in test.iter(_CONTROL):
        losses += [told for (name, value), told in _TOLD.items() if control.get(name) == value]
        if control.get("maxAttempts", "") not in _ONCE and _is_individual(control):
            losses.append("left out: that a question is tried several times")
    if any(one.get("allowLateSubmission") == "true" for one in test.iter("timeLimits")):
        losses.append("left out: that answers may come late")
    if any(one.get("fixed") == "true" for one in test.iter("assessmentItemRef", "assessmentSection")):
        shuffled = any(one.get("shuffle") == "true" for one in test.iter("ordering"))
        losses += ["all questions are in any order, also those that should keep their place"] if shuffled else []
    for processing in children(test, "outcomeProcessing"):
        if not all(_only_adds(one) for one in processing.iter()):
            losses.append("left out: what the test makes of the sum of its points")


def _nearest(element: Element, name: str) -> str | None:
    above: Iterator[Element] = element.iterancestors()
    for one in (element, *above):
        for control in children(one, _CONTROL):
            if control.get(name) is not None:
                return control.get(name)
    return None


def _is_individual(control: Element) -> bool:
    return not any(one.get("submissionMode") == "simultaneous" for one in control.iterancestors("testPart"))


def _only_adds(element: object) -> bool:
    tag = getattr(element, "tag", None)
    if not isinstance(tag, str):
        return True
    attributes = getattr(element, "attrib", {})
    if tag == "testVariables":
        chosen = {"includeCategory", "excludeCategory", "sectionIdentifier"} & set(attributes)
        return attributes.get("variableIdentifier") in _POINTS and not chosen
    return tag in _SUMS
