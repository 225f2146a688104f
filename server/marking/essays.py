"""The answers of an attempt that a person has to mark."""

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from protocol.answering import is_blank, parts_of
from protocol.attempt.hand_marks import answer_of, marks_in_force, outdated_marks
from protocol.attempt.model import Attempt
from protocol.content import ByHand, Essay, Interaction, Question, TestContent, Upload
from protocol.marking.by_hand import worth_now
from protocol.marking.interaction import mark_interaction
from protocol.marking.judged import judged
from protocol.marking.question import lowest_mark, mark_question
from protocol.messages.base import PartValue, Value
from protocol.paper import PaperMedium, PaperPassage
from protocol.rest.results import AnswerPart, EssayAnswer
from protocol.rich import count_words
from server.attempts.live import LiveAttempt
from server.marking.answer_words import in_words, is_rich
from server.media.shown import shown_media
from server.node import Node
from server.papers import Papers


async def essays_of(node: Node, live: LiveAttempt, marker: str | None = None) -> list[EssayAnswer]:
    """Answers to scored questions that have an essay that says something, and whatever else of these was changed after
    a person had marked it, in the order of the candidate's paper. With `marker` only the marks that she gave herself:
    who may not read results learns no others."""
    attempt, layout = live.committed, live.sheet.layout
    content = await content_of(node.papers, live, key_version_of(live))
    known = {question.question_id: question for question in content.questions}
    hers = [] if layout is None else [known[laid.question_id] for laid in layout.questions]
    passages = {one.passage_id: PaperPassage(one.passage_id, one.title, one.body) for one in content.passages}
    address, org_id = node.media_addresses.address, attempt.identity.org_id

    def readable(question: Question) -> _Readable:
        passage = None if question.passage_id is None else passages[question.passage_id]
        return _Readable(passage, shown_media(address, org_id, (question.body, passage)))

    return list(_essays(attempt, hers, content.language, marker, readable))


async def questions_of(papers: Papers, live: LiveAttempt, key_version: int) -> Mapping[str, Question]:
    """The questions by id, with the keys and the points of this version."""
    content = await content_of(papers, live, key_version)
    return {question.question_id: question for question in content.questions}


async def content_of(papers: Papers, live: LiveAttempt, key_version: int) -> TestContent:
    """This version of the attempt's test."""
    return (await papers.of(live.committed.identity, key_version)).test.content


def key_version_of(live: LiveAttempt) -> int:
    """The version of the test by whose keys the attempt is marked."""
    return live.committed.key_version or live.sheet.test_version


class _Readable(NamedTuple):
    """What is to be read beside a question, and the files that both name."""

    passage: PaperPassage | None
    media: list[PaperMedium]


def _essays(
    attempt: Attempt,
    questions: list[Question],
    language: str | None,
    marker: str | None,
    readable: Callable[[Question], _Readable],
) -> Iterator[EssayAnswer]:
    in_force, outdated = marks_in_force(attempt), outdated_marks(attempt)
    for question in questions:
        value = answer_of(attempt.answers, question.question_id)
        mark, old = in_force.get(question.question_id), outdated.get(question.question_id)
        waits = question.scored and not is_blank(value)
        if not waits or (old is None and mark_question(question, value, language) is not None):
            continue
        if mark is not None and marker not in (None, mark.by):
            mark = None
        score_mpt = None if mark is None else worth_now(mark.score_mpt, mark.max_mpt, question)
        beside = readable(question)
        yield EssayAnswer(
            question_id=question.question_id,
            body=question.body,
            passage=beside.passage,
            media=beside.media,
            parts=_parts(question, value, language),
            score_mpt=score_mpt,
            max_mpt=question.points_mpt,
            remark="" if mark is None else mark.remark,
            outdated_mpt=None if old is None else old.score_mpt,
            min_mpt=lowest_mark(question),
            rubric=question.rubric,
            criteria=[] if mark is None or judged(question, mark) is None else list(mark.criteria),
        )


def _parts(question: Question, value: Value, language: str | None) -> list[AnswerPart]:
    parts = parts_of(value, [asked.response_id for asked in question.interactions])
    return [_part(asked, part, language) for asked, part in zip(question.interactions, parts, strict=True)]


def _part(asked: Interaction, part: PartValue | None, language: str | None) -> AnswerPart:
    said = in_words(asked, part)
    return AnswerPart(
        response_id=asked.response_id,
        value=said,
        file=part if isinstance(asked, Upload) and isinstance(part, str) else None,
        guidance=asked.guidance if isinstance(asked, ByHand) else None,
        score_mpt=None if isinstance(asked, ByHand) else mark_interaction(asked, part, language),
        max_mpt=asked.points_mpt,
        markup=part if is_rich(asked) and isinstance(part, str) else None,
        word_count=count_words(said) if isinstance(asked, Essay) else None,
    )
