"""Makes the paper that was laid out for a candidate."""

from collections.abc import Collection
from typing import Final

from msgspec.structs import replace

from protocol.attempt.layout import LaidQuestion, LaidSection, Layout
from protocol.content import (
    Essay,
    MultipleChoice,
    Numeric,
    Option,
    Question,
    ShortText,
    SingleChoice,
    TestContent,
    TrueFalse,
    select_questions,
)
from protocol.paper import Paper, PaperQuestion, PaperSection

_TRUE_FALSE: Final = [Option("true", "True"), Option("false", "False")]


def on_paper(question: Question) -> PaperQuestion:
    """The question without its key, its options in the author's order."""
    options: list[Option] = []
    max_chars: int | None = None
    unit: str | None = None
    decimal_sign: str | None = None
    match question:
        case SingleChoice() | MultipleChoice():
            options = question.options
        case TrueFalse():
            options = _TRUE_FALSE
        case Numeric():
            max_chars, unit, decimal_sign = 64, question.unit, question.decimal_sign
        case ShortText() | Essay():
            max_chars = question.max_chars
    kind = type(question).__struct_config__.tag
    assert isinstance(kind, str)
    return PaperQuestion(
        question.question_id,
        kind,
        question.prompt,
        question.points_mpt,
        options,
        max_chars,
        unit,
        question.limit_ms,
        decimal_sign,
        question.required,
    )


def make_paper(
    test_id: str,
    test_version: int,
    content: TestContent,
    form_id: str | None,
    layout: Layout | None = None,
    readable: Collection[str | None] | None = None,
) -> Paper:
    """The paper that was laid out; without `layout`, all that a paper of this form can have, as one section. `readable`
    names the sections whose questions and instructions are shown; nil: all of them."""
    chosen = [on_paper(question) for question in select_questions(content, form_id)]
    if layout is None:
        layout = Layout((LaidSection(None, tuple(map(_as_told, chosen))),))
    known = {question.question_id: question for question in chosen}
    told = {section.section_id: section for section in content.sections}
    sections: list[PaperSection] = []
    questions: list[PaperQuestion] = []
    first = 0
    for laid in layout.sections:
        section = told.get((laid.part if layout.forward else laid.section_id) or "")
        is_readable = readable is None or laid.section_id in readable
        sections.append(
            PaperSection(
                section_id=laid.section_id,
                title="" if section is None else section.title,
                instructions=section.instructions if section is not None and is_readable else "",
                limit_ms=laid.limit_ms,
                first=first,
                count=len(laid.questions),
            )
        )
        first += len(laid.questions)
        if is_readable:
            questions += [_in_her_order(known[one.question_id], one) for one in laid.questions]
    open_id = next(iter(readable)) if readable else None
    return Paper(test_id, test_version, form_id, content.title, content.instructions, sections, open_id, questions)


def _in_her_order(question: PaperQuestion, laid: LaidQuestion) -> PaperQuestion:
    if laid.limit_ms != question.limit_ms:
        question = replace(question, limit_ms=laid.limit_ms)
    if laid.options is None:
        return question
    options = {option.option_id: option for option in question.options}
    return replace(question, options=[options[option_id] for option_id in laid.options])


def _as_told(question: PaperQuestion) -> LaidQuestion:
    return LaidQuestion(question.question_id, None, question.limit_ms)
