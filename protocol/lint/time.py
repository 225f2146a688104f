"""Whether there is time to read what is asked.

People read English silently at about 240 words a minute (Brysbaert, "How many words do we read per minute?", 2019), and
Chinese at about 260 characters (Brysbaert, the same). What is found is what takes longer than the whole limit to read:
nothing is left to think then.
"""

import re
from collections.abc import Iterator
from typing import Final

from protocol.content import Draw, Question, Section, TestContent, pool_of, select_questions
from protocol.content.text import plain_text
from protocol.durations import in_minutes
from protocol.lint.places import TEST, Place, at_question, shown_in
from protocol.rest.lint import Finding

_WORDS_A_MINUTE: Final = 240
_SIGNS_A_MINUTE: Final = 260
_SIGNS: Final = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
"""Kana and Han: there are no spaces between their words."""


def reading_ms(text: str) -> int:
    """How long it takes to read a plain text."""
    signs = len(_SIGNS.findall(text))
    words = len(_SIGNS.sub(" ", text).split())
    return 60_000 * words // _WORDS_A_MINUTE + 60_000 * signs // _SIGNS_A_MINUTE


def too_long_to_read(content: TestContent) -> Iterator[Finding]:
    """Questions, sections and papers that take longer to read than there is time."""
    reading = _Reading(content)
    for question in content.questions:
        needs_ms = reading.of([question])
        if question.limit_ms is not None and needs_ms > question.limit_ms:
            yield _found(at_question(question), needs_ms, question.limit_ms)
    for section in content.sections:
        needs_ms = reading.longest(section)
        if section.limit_ms is not None and needs_ms > section.limit_ms:
            yield _found(Place(f"section {section.section_id!r}"), needs_ms, section.limit_ms)
    duration_ms = content.rules.duration_ms
    if duration_ms is None:
        return
    if content.sections:
        needs = [(TEST, sum(map(reading.longest, content.sections)))]
    else:
        needs = [
            (TEST if form_id is None else Place(f"form {form_id!r}"), reading.of(select_questions(content, form_id)))
            for form_id in content.forms or [None]
        ]
    for place, needs_ms in needs:
        if needs_ms > duration_ms:
            yield _found(place, needs_ms, duration_ms)


def limits_exceed_duration(content: TestContent) -> Iterator[Finding]:
    """Tests whose sections have more time together than the test: the last ones never get theirs."""
    duration_ms = content.rules.duration_ms
    own_ms = sum(section.limit_ms or 0 for section in content.sections)
    if duration_ms is not None and own_ms > duration_ms:
        says = f"The sections have {in_minutes(own_ms)} together, and the test ends after {in_minutes(duration_ms)}."
        yield TEST.found("limits_exceed_duration", says)


def _found(place: Place, needs_ms: int, limit_ms: int) -> Finding:
    says = f"To read it takes about {in_minutes(needs_ms)}, and the time is {in_minutes(limit_ms)}."
    return place.found("too_long_to_read", says)


class _Reading:
    """How long the questions of a test take to read."""

    def __init__(self, content: TestContent) -> None:
        self._content = content
        self._passages = {passage.passage_id: reading_ms(plain_text(passage.body)) for passage in content.passages}
        self._questions = {question.question_id: question for question in content.questions}
        self._own = {
            question.question_id: reading_ms(" ".join(plain_text(body) for body in _shown(question)))
            for question in content.questions
        }

    def of(self, questions: list[Question]) -> int:
        """These together. A passage is read once."""
        passages = {question.passage_id for question in questions if question.passage_id is not None}
        own_ms = sum(self._own[question.question_id] for question in questions)
        return own_ms + sum(self._passages[passage_id] for passage_id in passages)

    def longest(self, section: Section) -> int:
        """The longest paper that the section can be."""
        chosen: dict[str, Question] = {}
        for item in section.items:
            pool = [self._questions[name] for name in pool_of(self._content, item) if name not in chosen]
            count = item.count if isinstance(item, Draw) else 1
            pool.sort(key=lambda question: self._own[question.question_id], reverse=True)
            chosen.update({question.question_id: question for question in pool[:count]})
        return self.of(list(chosen.values()))


def _shown(question: Question) -> Iterator[str]:
    yield question.body
    for asked in question.interactions:
        yield from shown_in(asked)
