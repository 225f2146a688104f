"""The questions of a paper by id."""

from collections.abc import Iterator

from protocol.paper import Paper, PaperInteraction, PaperOptions, PaperPairing, PaperQuestion, PaperSpots


class PaperIndex(dict[str, PaperQuestion]):
    """The questions of a paper by id. `words` has each id of them, of their interactions, and of what can be chosen
    there, as one object for all who answer with it."""

    def __init__(self, questions: list[PaperQuestion]) -> None:
        super().__init__((question.question_id, question) for question in questions)
        self.words: dict[str, str] = {}
        for question in questions:
            for word in _words_of(question):
                self.words.setdefault(word, word)


def index_paper(paper: Paper) -> PaperIndex:
    """The index in which `decide` looks up questions."""
    return PaperIndex(paper.questions)


def _words_of(question: PaperQuestion) -> Iterator[str]:
    yield question.question_id
    for asked in question.interactions:
        yield asked.response_id
        yield from _choices(asked)


def _choices(asked: PaperInteraction) -> Iterator[str]:
    if isinstance(asked, PaperOptions):
        yield from (option.option_id for option in asked.options)
    elif isinstance(asked, PaperSpots):
        yield from (spot.spot_id for spot in asked.spots)
    elif isinstance(asked, PaperPairing):
        for side in (asked.sides.sources, asked.sides.targets):
            yield from (option.option_id for option in side)
