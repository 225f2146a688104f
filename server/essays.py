"""The answers of an attempt that a person has to mark."""

from collections.abc import Iterator, Mapping

from protocol.answering import is_blank
from protocol.attempt.hand_marks import answer_of, marks_in_force, outdated_marks
from protocol.attempt.model import Attempt
from protocol.content import Choice, Essay, Question
from protocol.marking.by_hand import worth_now
from protocol.marking.question import lowest_mark
from protocol.messages.base import Value
from protocol.rest.results import EssayAnswer
from server.attempts.live import LiveAttempt
from server.papers import Papers


async def essays_of(papers: Papers, live: LiveAttempt, marker: str | None = None) -> list[EssayAnswer]:
    """Essays that say something, and whatever else was changed after a person had marked it, in the order of the
    candidate's paper. With `marker` only the marks that she gave herself: who may not read results learns no others."""
    attempt, layout = live.committed, live.sheet.layout
    known = await questions_of(papers, live, key_version_of(live))
    hers = [] if layout is None else [known[laid.question_id] for laid in layout.questions]
    return list(_essays(attempt, hers, marker))


async def questions_of(papers: Papers, live: LiveAttempt, key_version: int) -> Mapping[str, Question]:
    """The questions by id, with the keys and the points of this version."""
    form = await papers.of(live.committed.identity, key_version)
    return {question.question_id: question for question in form.test.content.questions}


def key_version_of(live: LiveAttempt) -> int:
    """The version of the test by whose keys the attempt is marked."""
    return live.committed.key_version or live.sheet.test_version


def _essays(attempt: Attempt, questions: list[Question], marker: str | None) -> Iterator[EssayAnswer]:
    in_force, outdated = marks_in_force(attempt), outdated_marks(attempt)
    for question in questions:
        value = answer_of(attempt.answers, question.question_id)
        mark, old = in_force.get(question.question_id), outdated.get(question.question_id)
        if is_blank(value) or not (isinstance(question, Essay) or old is not None):
            continue
        if mark is not None and marker not in (None, mark.by):
            mark = None
        score_mpt = None if mark is None else worth_now(mark.score_mpt, mark.max_mpt, question)
        yield EssayAnswer(
            question_id=question.question_id,
            prompt=question.prompt,
            guidance=question.guidance if isinstance(question, Essay) else None,
            value=_in_words(question, value),
            score_mpt=score_mpt,
            max_mpt=question.points_mpt,
            remark="" if mark is None else mark.remark,
            outdated_mpt=None if old is None else old.score_mpt,
            min_mpt=lowest_mark(question),
        )


def _in_words(question: Question, value: Value) -> str:
    """The answer as a person reads it: options by their texts."""
    if isinstance(question, Choice):
        chosen = value if isinstance(value, list) else [value]
        return "\n".join(option.text for option in question.options if option.option_id in chosen)
    return str(value)
