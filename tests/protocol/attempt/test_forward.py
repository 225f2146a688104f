"""Question by question, without a way back."""

from typing import Any

import pytest
from msgspec.structs import replace

from protocol.attempt.facts import SectionEntered
from protocol.attempt.laying import lay_out
from protocol.attempt.layout import LaidQuestion, LaidSection, Layout
from protocol.attempt.paper import make_paper
from protocol.attempt.sheet import make_sheet
from protocol.attempt.view import offer, row, state
from protocol.codes import Code
from protocol.content import Rules, Section
from protocol.errors import Refusal
from protocol.messages.base import Value
from protocol.messages.operations import Answer, Flag, Progress
from protocol.messages.state import Part
from tests.protocol.attempt.scene import CONTENT, INDEX, MINUTE, PAPER, SEED, Scene, requiring

FORWARD = replace(CONTENT, rules=Rules(order="forward"))
LAYOUT = lay_out(FORWARD, None, SEED)
SECTIONED = replace(
    FORWARD,
    sections=[
        Section(section_id="first", title="First", instructions="Choose.", items=["single", "multiple"]),
        Section(section_id="second", title="Second", items=["text"]),
    ],
)


def sitting(layout: Layout = LAYOUT, **terms: Any) -> Scene:
    return Scene(layout=layout, **terms).started()


def detail(scene: Scene, operation: Any) -> str:
    decision = scene.offer(scene.operate(operation))
    assert isinstance(decision, Refusal), decision
    return f"{decision.code}: {decision.detail}"


def test_each_question_is_a_section_of_its_own() -> None:
    assert (LAYOUT.by_section, LAYOUT.forward, LAYOUT.order) == (True, True, "forward")
    assert [section.section_id for section in LAYOUT.sections] == ["1", "2", "3", "4", "5", "6"]
    assert [len(section.questions) for section in LAYOUT.sections] == [1] * 6
    laid = lay_out(SECTIONED, None, SEED)
    assert laid.sections == (
        LaidSection("1", (LaidQuestion("single"),), None, "first"),
        LaidSection("2", (LaidQuestion("multiple"),), None, "first"),
        LaidSection("3", (LaidQuestion("text"),), None, "second"),
    )


def test_a_question_that_was_left_is_closed() -> None:
    scene = sitting()
    scene.facts(scene.answer(1, "a", "single"))
    assert scene.facts(scene.enter(2, "2")) == [SectionEntered(2, "2", 0)]
    assert scene.attempt.question_index == 1
    for n, operation in enumerate(
        [Answer(9, "single", "b", None, 0), Flag(9, "single", True, 0), Progress(9, 0, 0)], start=10
    ):
        assert detail(scene, replace(operation, n=n)).startswith("section_closed: You have left this question")
    assert scene.refusal(scene.enter(20, "1")) is Code.SECTION_CLOSED
    assert next(saved for _, saved in scene.attempt.answers.items()).value == "a"


def test_no_question_takes_anything_before_its_turn() -> None:
    scene = sitting()
    for n, operation in enumerate(
        [Answer(9, "multiple", ["a"], None, 0), Flag(9, "multiple", True, 0), Progress(9, 1, 0)], start=10
    ):
        assert detail(scene, replace(operation, n=n)).startswith("section_not_open: The questions of this test come")
    values: list[Value] = [["z"], "a", ["a", "a"]]
    for n, value in enumerate(values, start=15):
        told = detail(scene, Answer(n, "multiple", value, None, 0))
        assert told.startswith("section_not_open"), "its options are nobody's business yet"
    assert scene.refusal(scene.enter(20, "3")) is Code.SECTION_ORDER
    scene.facts(scene.operate(Answer(21, "single", "a", 1, 0)))
    assert scene.attempt.question_index == 0, "no answer moves her on"


def test_a_blank_question_may_be_left_unless_the_test_refuses_gaps() -> None:
    assert sitting().facts(sitting().enter(1, "2")) == [SectionEntered(1, "2", 0)]
    scene = sitting(requiring(LAYOUT, "single"), gaps="refuse")
    assert scene.refusal(scene.enter(1, "2")) is Code.GAPS
    scene.facts(scene.answer(2, "a", "single"))
    scene.facts(scene.enter(3, "2"))


def test_a_questions_own_clock_ends_when_she_leaves_it() -> None:
    timed = replace(CONTENT.questions[0], limit_ms=MINUTE)
    content = replace(FORWARD, questions=[timed, *CONTENT.questions[1:]])
    scene = sitting(lay_out(content, None, SEED))
    assert [clock.of for clock in scene.attempt.clocks] == [None, "single"]
    scene.facts(scene.enter(1, "2"))
    assert [clock.of for clock in scene.attempt.clocks] == [None]


def test_staff_see_the_authors_section_and_the_candidate_her_parts() -> None:
    layout = lay_out(SECTIONED, None, SEED)
    sheet = make_sheet(PAPER, INDEX, SECTIONED.rules, layout, {"first": "First", "second": "Second"})
    scene = Scene(layout=layout)
    told = offer(scene.attempt, sheet, "", scene.now_ms)
    assert (told.order, told.parts) == ("forward", [Part("First", 2, None), Part("Second", 1, None)])
    scene.started()
    assert state(scene.attempt).section_id == "1"
    assert row(scene.attempt, "", "online", None, 0).section_id == "first"
    assert row(sitting().attempt, "", "online", None, 0).section_id is None


@pytest.mark.parametrize(("open_id", "shown", "told"), [("1", ["single"], "Choose."), ("3", ["text"], "")])
def test_the_paper_shows_the_open_question_alone(open_id: str, shown: list[str], told: str) -> None:
    paper = make_paper("test", 1, SECTIONED, None, lay_out(SECTIONED, None, SEED), (open_id,))
    assert [one.question_id for one in paper.questions] == shown
    assert [part.title for part in paper.sections] == ["First", "First", "Second"]
    assert "".join(part.instructions for part in paper.sections) == told
    assert all(repr(one) not in repr(paper) for one in {"single", "multiple", "text"} - set(shown))
