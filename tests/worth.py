"""A question that is worth other points."""

from msgspec.structs import replace

from protocol.content import Question


def worth(question: Question, points_mpt: int) -> Question:
    """The question, whose only interaction is worth so many thousandths of a point."""
    (asked,) = question.interactions
    return replace(question, interactions=[replace(asked, points_mpt=points_mpt)])
