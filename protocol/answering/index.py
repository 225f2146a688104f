"""The questions of a paper by id."""

from collections.abc import Mapping

from protocol.paper import Paper, PaperQuestion

PaperIndex = Mapping[str, PaperQuestion]
"""The questions of a paper by id."""


def index_paper(paper: Paper) -> PaperIndex:
    """The index in which `decide` looks up questions."""
    return {question.question_id: question for question in paper.questions}
