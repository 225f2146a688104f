"""Makes the paper that was laid out for a candidate."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Final

from msgspec.structs import replace

from protocol.attempt.layout import LaidQuestion, LaidSection, Layout
from protocol.content import (
    Associate,
    Essay,
    GapMatch,
    GraphicAssociate,
    GraphicGapMatch,
    GraphicOrder,
    Hotspot,
    Hottext,
    InlineChoice,
    Interaction,
    Match,
    MultipleChoice,
    Numeric,
    Option,
    Order,
    Passage,
    Point,
    Question,
    ShortText,
    SingleChoice,
    Slider,
    TestContent,
    TrueFalse,
    Upload,
    select_questions,
)
from protocol.marking.costs import costs_of
from protocol.paper import (
    Paper,
    PaperAssociate,
    PaperEssay,
    PaperGapMatch,
    PaperGraphicAssociate,
    PaperGraphicGapMatch,
    PaperGraphicOrder,
    PaperHotspot,
    PaperHottext,
    PaperInlineChoice,
    PaperInteraction,
    PaperMatch,
    PaperMultipleChoice,
    PaperNumeric,
    PaperOrder,
    PaperPassage,
    PaperPoint,
    PaperQuestion,
    PaperSection,
    PaperShortText,
    PaperSingleChoice,
    PaperSlider,
    PaperTrueFalse,
    PaperUpload,
)
from protocol.rich.grammar import MAX_RICH_CHARS

_TRUE_FALSE: Final = [Option("true", "True"), Option("false", "False")]
_NUMBER_CHARS: Final = 64

COLUMNS: Final = "/columns"
"""Behind a response id it names the second set of an interaction, in the orders of a layout."""


_SETS: Final[Mapping[type[PaperInteraction], Sequence[tuple[str, str]]]] = {
    **dict.fromkeys(
        (PaperSingleChoice, PaperInlineChoice, PaperMultipleChoice, PaperTrueFalse, PaperOrder), (("options", ""),)
    ),
    PaperMatch: (("rows", ""), ("columns", COLUMNS)),
    PaperGapMatch: (("choices", ""),),
    PaperAssociate: (("choices", ""),),
    PaperGraphicGapMatch: (("choices", ""),),
}
"""The sets of options that an interaction shows, each with what stands behind the response id in its name."""


def on_paper(question: Question) -> PaperQuestion:
    """The question without its keys, its options in the author's order."""
    return PaperQuestion(
        question.question_id,
        question.body,
        [interaction_on_paper(interaction) for interaction in question.interactions],
        question.shown_mpt,
        question.limit_ms,
        question.required,
        question.passage_id,
        None if question.tools is None else list(question.tools),
        costs_of(question),
        question.unanswered_mpt,
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
            return PaperMultipleChoice(
                response_id=name,
                options=asked.options,
                max_choices=asked.max_choices,
                min_choices=asked.min_choices,
            )
        case TrueFalse():
            return PaperTrueFalse(response_id=name, options=_TRUE_FALSE)
        case Hottext():
            return PaperHottext(
                response_id=name, text=asked.text, min_choices=asked.min_choices, max_choices=asked.max_choices
            )
        case Match():
            return PaperMatch(
                response_id=name,
                rows=asked.rows,
                columns=asked.columns,
                min_pairs=asked.min_pairs,
                max_pairs=asked.max_pairs,
            )
        case GapMatch():
            return PaperGapMatch(
                response_id=name,
                text=asked.text,
                choices=asked.choices,
                min_pairs=asked.min_pairs,
                max_pairs=asked.max_pairs,
            )
        case Associate():
            return PaperAssociate(
                response_id=name, choices=asked.choices, min_pairs=asked.min_pairs, max_pairs=asked.max_pairs
            )
        case Order():
            return PaperOrder(response_id=name, options=asked.options)
        case Numeric():
            return PaperNumeric(
                response_id=name, max_chars=_NUMBER_CHARS, unit=asked.unit, decimal_sign=asked.decimal_sign
            )
        case ShortText():
            return PaperShortText(response_id=name, max_chars=asked.max_chars)
        case Slider():
            return PaperSlider(response_id=name, lower=asked.lower, upper=asked.upper, step=asked.step, unit=asked.unit)
        case Hotspot():
            return PaperHotspot(
                response_id=name,
                picture=asked.picture,
                spots=asked.spots,
                min_choices=asked.min_choices,
                max_choices=asked.max_choices,
            )
        case Point():
            return PaperPoint(
                response_id=name,
                picture=asked.picture,
                min_choices=asked.min_choices,
                max_choices=asked.max_choices,
            )
        case GraphicOrder():
            return PaperGraphicOrder(response_id=name, picture=asked.picture, spots=asked.spots)
        case GraphicGapMatch():
            return PaperGraphicGapMatch(
                response_id=name,
                picture=asked.picture,
                spots=asked.spots,
                choices=asked.choices,
                min_pairs=asked.min_pairs,
                max_pairs=asked.max_pairs,
            )
        case GraphicAssociate():
            return PaperGraphicAssociate(
                response_id=name,
                picture=asked.picture,
                spots=asked.spots,
                min_pairs=asked.min_pairs,
                max_pairs=asked.max_pairs,
            )
        case Upload():
            return PaperUpload(response_id=name, kinds=[*asked.kinds], max_bytes=asked.max_bytes)
        case Essay():
            return PaperEssay(
                response_id=name,
                max_chars=min(asked.max_chars, MAX_RICH_CHARS) if asked.format == "rich" else asked.max_chars,
                min_words=asked.min_words,
                max_words=asked.max_words,
                format=asked.format,
            )


def unordered(question: PaperQuestion) -> PaperQuestion:
    """The question as it is compared with another version: what it asks (`asked_in`), with its options in the order
    of their ids."""
    interactions = [
        _arranged(asked, lambda _, options: tuple(sorted(option.option_id for option in options)))
        for asked in question.interactions
    ]
    return asked_in(replace(question, interactions=interactions))


def asked_in(question: PaperQuestion) -> PaperQuestion:
    """What is asked in it: it without its points and what it takes away, its time and its tools."""
    return replace(question, points_mpt=0, limit_ms=None, tools=None, costs=[], unanswered_mpt=0)


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
                unasked=len(laid.questions) - laid.asked_total,
                exhibits=list(section.exhibits) if section is not None and is_readable else [],
                tools=None if section is None or section.tools is None else list(section.tools),
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
        _named(content.passages, questions, {*content.exhibits, *(name for one in sections for name in one.exhibits)}),
        [],
        list(content.rules.tools),
        list(content.exhibits),
    )


def _named(
    passages: Sequence[Passage], questions: Sequence[PaperQuestion], exhibits: Collection[str]
) -> list[PaperPassage]:
    """The passages that these questions are about, and the exhibits."""
    named = {question.passage_id for question in questions} | set(exhibits)
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
    return _arranged(asked, lambda name, _: orders.get(name))


def _arranged(
    asked: PaperInteraction, order_of: Callable[[str, Sequence[Option]], tuple[str, ...] | None]
) -> PaperInteraction:
    """With each of its sets in the order that `order_of` gives for the set's name; nil: as it is."""
    for field, suffix in _SETS.get(type(asked), ()):
        options: Sequence[Option] = getattr(asked, field)
        order = order_of(asked.response_id + suffix, options)
        if order is not None:
            known = {option.option_id: option for option in options}
            asked = replace(asked, **{field: [known[option_id] for option_id in order]})
    return asked


def _as_told(question: PaperQuestion) -> LaidQuestion:
    return LaidQuestion(question.question_id, (), question.limit_ms, parts=len(question.interactions))
