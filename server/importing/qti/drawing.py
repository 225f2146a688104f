"""Variants of questions in a test: each candidate gets one of them, drawn by chance."""

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from protocol import limits
from protocol.content import Draw, Question, Section, TestContent
from server.importing.faults import ImportFault

_SECTION = "questions"


def with_variants(content: TestContent, variants: Mapping[str, Sequence[Question]]) -> TestContent:
    """The test with the other variants of its questions: a draw of one stands where each stood. `variants` are by the
    id of the question that stands in the test. Where a section draws already, the one that stands there is its only
    variant. Raises `ImportFault`."""
    if not variants:
        return content
    sections = content.sections or [
        Section(
            section_id=_SECTION,
            title=content.title,
            items=[question.question_id for question in content.questions],
            shuffle=content.shuffle,
        )
    ]
    named = {item for section in sections for item in section.items if isinstance(item, str)}
    questions: list[Question] = []
    pools: dict[str, Draw] = {}
    for first in content.questions:
        others = variants.get(first.question_id, []) if first.question_id in named else []
        taken_over = {"limit_ms": first.limit_ms, "required": first.required, "tags": first.tags}
        pool = [first, *(replace(one, **taken_over) for one in others)]
        if len(pool) > 1:
            pools[first.question_id] = Draw(1, [one.question_id for one in pool])
        questions += pool
    if len(questions) > limits.MAX_QUESTIONS:
        raise ImportFault(f"With their variants there are more than {limits.MAX_QUESTIONS} questions.")
    drawing = [
        replace(section, items=[pools.get(item, item) if isinstance(item, str) else item for item in section.items])
        for section in sections
    ]
    return replace(content, questions=questions, sections=drawing, shuffle=False)
