"""Makes the paper that was laid out for a candidate."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final, TypeVar

from msgspec.structs import replace

from protocol.attempt.layout import LaidQuestion, LaidSection, Layout
from protocol.content import (
    Essay,
    InlineChoice,
    Interaction,
    MultipleChoice,
    Numeric,
    Option,
    Order,
    Passage,
    Question,
    ShortText,
    SingleChoice,
    TestContent,
    TrueFalse,
    select_questions,
)
from protocol.paper import (
    Paper,
    PaperEssay,
    PaperInlineChoice,
    PaperInteraction,
    PaperMultipleChoice,
    PaperNumeric,
    PaperOptions,
    PaperOrder,
    PaperPassage,
    PaperQuestion,
    PaperSection,
    PaperShortText,
    PaperSingleChoice,
    PaperTrueFalse,
)

_TRUE_FALSE: Final = [Option("true", "True"), Option("false", "False")]
_NUMBER_CHARS: Final = 64

_Options = TypeVar("_Options", bound=PaperOptions)


def on_paper(question: Question) -> PaperQuestion:
    """The question without its keys, its options in the author's order."""
    return PaperQuestion(
        question.question_id,
        question.body,
        [interaction_on_paper(interaction) for interaction in question.interactions],
        question.points_mpt,
        question.limit_ms,
        question.required,
        question.passage_id,
    )


def interaction_on_paper(asked: Interaction) -> PaperInteraction:
    """What of an interaction is shown."""
    name = asked.response_id
    match asked:
        case SingleChoice():
            return PaperSingleChoice(response_id=name, options=asked.options)
        case InlineChoice():
            return PaperInlineChoice(response_id=name, options=asked.options)
        case MultipleChoice():
            return PaperMultipleChoice(response_id=name, options=asked.options)
        case TrueFalse():
            return PaperTrueFalse(response_id=name, options=_TRUE_FALSE)
        case Order():
            return PaperOrder(response_id=name, options=asked.options)
        case Numeric():
            return PaperNumeric(
                response_id=name, max_chars=_NUMBER_CHARS, unit=asked.unit, decimal_sign=asked.decimal_sign
            )
        case ShortText():
            return PaperShortText(response_id=name, max_chars=asked.max_chars)
        case Essay():
            return PaperEssay(response_id=name, max_chars=asked.max_chars)


def unordered(question: PaperQuestion) -> PaperQuestion:
    """The question as it is compared with another version: without its points and its time, and its options in the
    order of their ids."""
    interactions = [
        _with_options(asked, tuple(sorted(option.option_id for option in asked.options)))
        if isinstance(asked, PaperOptions)
        else asked
        for asked in question.interactions
    ]
    return replace(question, interactions=interactions, points_mpt=0, limit_ms=None)


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
    return Paper(
        test_id,
        test_version,
        form_id,
        content.title,
        content.instructions,
        sections,
        open_id,
        questions,
        _named(content.passages, questions),
        [],
    )


def _named(passages: Sequence[Passage], questions: Sequence[PaperQuestion]) -> list[PaperPassage]:
    """The passages that these questions are about."""
    named = {question.passage_id for question in questions}
    return [
        PaperPassage(passage.passage_id, passage.title, passage.body)
        for passage in passages
        if passage.passage_id in named
    ]


def _in_her_order(question: PaperQuestion, laid: LaidQuestion) -> PaperQuestion:
    if laid.limit_ms != question.limit_ms:
        question = replace(question, limit_ms=laid.limit_ms)
    if not laid.orders:
        return question
    orders = {order.response_id: order.ids for order in laid.orders}
    return replace(question, interactions=[_ordered(asked, orders) for asked in question.interactions])


def _ordered(asked: PaperInteraction, orders: Mapping[str, tuple[str, ...]]) -> PaperInteraction:
    order = orders.get(asked.response_id)
    return _with_options(asked, order) if isinstance(asked, PaperOptions) and order is not None else asked


def _with_options(asked: _Options, order: tuple[str, ...]) -> _Options:
    options = {option.option_id: option for option in asked.options}
    return replace(asked, options=[options[option_id] for option_id in order])


def _as_told(question: PaperQuestion) -> LaidQuestion:
    return LaidQuestion(question.question_id, (), question.limit_ms)
