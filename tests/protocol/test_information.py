"""Information: what is read among the questions, asks nothing, is worth nothing, and is counted nowhere."""

import pytest
from msgspec.structs import replace

from protocol.answering import accept
from protocol.attempt import view
from protocol.attempt.commands import HandIn
from protocol.attempt.laying import lay_out
from protocol.attempt.layout import LaidQuestion
from protocol.attempt.paper import make_paper, on_paper
from protocol.codes import Code
from protocol.content import Draw, Essay, Question, Section, TestContent, TrueFalse, question_total
from protocol.content_checks import check_test
from protocol.errors import Refusal, Refused
from protocol.marking.paper import mark_paper
from protocol.messages.base import Value
from protocol.messages.monitor import Row
from tests.protocol.attempt.scene import CANDIDATE, LAYOUT, Scene, requiring

TOLD = Question(question_id="told", body="<p>Read this.</p>", interactions=[])
ASKED = Question(question_id="asked", body="<p>So?</p>", interactions=[TrueFalse(correct=True)])
CONTENT = TestContent(title="T", questions=[TOLD, ASKED, replace(TOLD, question_id="end")])


def test_it_is_on_the_paper_and_nothing_counts_it() -> None:
    layout = lay_out(CONTENT, None, 1)
    assert (layout.place_total, layout.question_total, layout.unasked) == (3, 1, (0, 2))
    paper = make_paper("t", 1, CONTENT, None, layout)
    assert [(section.count, section.unasked) for section in paper.sections] == [(3, 2)]
    assert [len(question.interactions) for question in paper.questions] == [0, 1, 0]
    marking = mark_paper(CONTENT, layout, {"asked": "true"}, {})
    assert ([mark.question_id for mark in marking.marks], marking.max_mpt) == (["asked"], 1_000)
    sections = [Section(section_id="s", title="S", items=["told", "asked"])]
    assert question_total(CONTENT) == question_total(replace(CONTENT, sections=sections)) == 1
    assert TOLD.kind == "information"


def test_nothing_answers_it() -> None:
    values: list[Value] = ["x", ["x"], {"answer": "x"}, {}]
    for value in values:
        found = accept(on_paper(TOLD), value)
        assert isinstance(found, Refusal)
        assert found.code is Code.WRONG_ANSWER_TYPE
    assert accept(on_paper(TOLD), None) is None


@pytest.mark.parametrize(
    ("question", "said"),
    [
        (replace(TOLD, required=True), "can't be `required`"),
        (replace(TOLD, feedback="<p>So.</p>"), "no feedback"),
        (replace(TOLD, scoring="all"), "`scoring`"),
        (replace(TOLD, body="<p> </p>"), "shows nothing"),
    ],
)
def test_what_concerns_answers_is_refused(question: Question, said: str) -> None:
    with pytest.raises(Refused, match=said):
        check_test(replace(CONTENT, questions=[question, ASKED]))


def test_it_is_not_drawn() -> None:
    free = replace(ASKED, interactions=[Essay(points_mpt=0)])
    section = Section(section_id="s", title="S", items=[Draw(1, ["told", "asked"])])
    with pytest.raises(Refused, match="'told' asks nothing"):
        check_test(replace(CONTENT, questions=[TOLD, free], sections=[section]))


def test_questions_are_numbered_and_counted_without_it() -> None:
    section = LAYOUT.sections[0]
    told = replace(section, questions=(LaidQuestion("told", parts=0), *section.questions))
    layout = requiring(replace(LAYOUT, sections=(told, *LAYOUT.sections[1:])), section.questions[1].question_id)
    scene = Scene(layout=layout, gaps="refuse").started()
    row = _row(scene)
    assert (row.question_index, row.total) == (0, LAYOUT.question_total)
    scene.sheet = replace(scene.sheet, place_total=layout.place_total)
    scene.facts(scene.go(1, layout.place_total - 1))
    assert _row(scene).question_index == LAYOUT.question_total - 1
    decision = scene.offer(HandIn(CANDIDATE, 0))
    assert isinstance(decision, Refusal)
    assert decision.detail.endswith(": 2.")


def _row(scene: Scene) -> Row:
    return view.row(scene.attempt, "Ada", "online", None, 0)
