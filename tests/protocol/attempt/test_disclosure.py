"""No sequence of operations and commands shows a candidate a key, or a question before its turn."""

from collections.abc import Iterator

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from protocol.attempt import view
from protocol.attempt.model import SITTING, Attempt
from protocol.attempt.paper import make_paper
from protocol.attempt.places import readable_sections
from protocol.attempt.view import answers
from protocol.content import (
    AcceptedNumber,
    Essay,
    MultipleChoice,
    Numeric,
    Option,
    Question,
    ScoreFeedback,
    ShortText,
    SingleChoice,
    TestContent,
    TrueFalse,
)
from protocol.errors import Refusal
from tests.protocol.attempt.drawn import (
    FORWARD,
    IN_ORDER,
    LIMITED,
    REQUIRING,
    Step,
    Terms,
    busy_lists,
    run,
    step_lists,
    term_sets,
)

_OPTIONS = [Option(name, f"the option {name}") for name in "abc"]
_FACT = TrueFalse(correct=True, option_feedback={"true": "SECRET"})
CONTENT = TestContent(
    title="T",
    questions=[
        Question(
            question_id="single",
            body="ask single",
            feedback="SECRET",
            score_feedback=[ScoreFeedback(0, "SECRET")],
            interactions=[SingleChoice(options=_OPTIONS, correct="b", option_feedback={"a": "SECRET"})],
        ),
        Question(
            question_id="multiple",
            body="ask multiple",
            interactions=[MultipleChoice(options=_OPTIONS, correct=["a", "c"])],
        ),
        Question(
            question_id="text",
            body="ask text",
            interactions=[ShortText(accepted=["SECRET", "SECRET too"], max_chars=20)],
        ),
        Question(question_id="essay", body="ask essay", interactions=[Essay(guidance="SECRET", max_chars=1_000)]),
        Question(
            question_id="number",
            body="ask number",
            interactions=[Numeric(accepted=[AcceptedNumber(value="987654321", feedback="SECRET")])],
        ),
        Question(question_id="truth", body="ask truth", feedback="SECRET", interactions=[_FACT]),
    ],
)
"""The questions of the scene, with keys that stand out."""
PROMPTS = {question.question_id: question.body for question in CONTENT.questions}
_KEYS = ("SECRET", "987654321", '"correct"', '"accepted"', '"weights_mpt"', '"guidance"', 'feedback"')

in_order = term_sets.map(lambda terms: terms._replace(begun=True)).flatmap(
    lambda terms: st.sampled_from([FORWARD, FORWARD, REQUIRING, IN_ORDER, LIMITED]).map(
        lambda layout: terms._replace(layout=layout)
    )
)


def told(attempt: Attempt, terms: Terms) -> Iterator[object]:
    """All that the server tells a candidate of the test and of her attempt in this state."""
    yield view.state(attempt)
    yield view.unseen(attempt)
    yield view.warning(attempt)
    if attempt.status in SITTING:
        readable = readable_sections(attempt, attempt.laid)
        yield make_paper("test", 1, CONTENT, None, attempt.laid, readable)
    yield answers(attempt)


def reached(attempt: Attempt) -> set[str]:
    """The questions of the sections that she has entered."""
    layout = attempt.laid
    entered = {*attempt.closed_sections, attempt.section_id}
    return {
        laid.question_id
        for section in layout.sections
        if section.section_id in entered or not layout.by_section
        for laid in section.questions
    }


@given(in_order, step_lists | busy_lists)
def test_no_question_is_shown_before_its_turn_and_no_key_ever(terms: Terms, steps: list[Step]) -> None:
    _, taken = run(terms, steps, [0])
    for step in taken:
        shown = msgspec.json.encode([list(told(step.after, terms))]).decode()
        assert not any(key in shown for key in _KEYS)
        ahead = PROMPTS.keys() - reached(step.after)
        assert not any(PROMPTS[name] in shown or f'"question_id":"{name}"' in shown for name in ahead)
        if isinstance(step.decision, Refusal):
            assert not any(key in step.decision.detail for key in (*_KEYS, *PROMPTS, *PROMPTS.values()))


@given(in_order, step_lists | busy_lists)
def test_sections_are_entered_in_their_order_and_never_opened_again(terms: Terms, steps: list[Step]) -> None:
    _, taken = run(terms, steps, [0])
    names = [section.section_id for section in terms.layout.sections]
    for step in taken:
        attempt = step.after
        closed = list(attempt.closed_sections)
        assert closed == names[: len(closed)]
        if attempt.section_id is not None:
            assert attempt.section_id == names[len(closed)]
        if step.before.layout is not None and not step.before.ended_as:
            assert len(closed) >= len(step.before.closed_sections)


@given(in_order, step_lists | busy_lists)
def test_nothing_is_accepted_for_a_question_out_of_its_turn(terms: Terms, steps: list[Step]) -> None:
    _, taken = run(terms, steps, [0])
    for step in taken:
        if isinstance(step.decision, Refusal) or step.before.layout is None or not step.before.laid.by_section:
            continue
        open_now = {
            laid.question_id
            for section in step.before.laid.sections
            if section.section_id == step.before.section_id
            for laid in section.questions
        }
        for record in step.decision:
            name = getattr(record.entry.fact, "question_id", None)
            if name is not None and record.entry.role == "candidate":
                assert name in open_now


def test_the_property_would_see_what_it_looks_for() -> None:
    paper = make_paper("test", 1, CONTENT, None, FORWARD, None)
    shown = msgspec.json.encode([paper, msgspec.to_builtins(replace(CONTENT))]).decode()
    assert all(prompt in shown for prompt in PROMPTS.values())
    assert all(key in shown for key in _KEYS)
