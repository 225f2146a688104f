"""Gaps: what handing in, and leaving a section, without an answer to a required question comes to."""

from typing import Any

import pytest
from msgspec.structs import replace

from protocol.attempt.commands import HandIn, Steer
from protocol.attempt.facts import Expired, Submitted
from protocol.attempt.layout import Layout
from protocol.attempt.model import Status
from protocol.codes import Code
from protocol.errors import Refusal
from protocol.messages.operations import Submit
from protocol.messages.staff import ApplyRules
from tests.protocol.attempt.scene import (
    CANDIDATE,
    IDENTITY,
    INSTRUCTOR,
    LAYOUT,
    MINUTE,
    SECTIONS,
    TERMS,
    TIMED,
    Scene,
    requiring,
)

GRACE = 2_000


def sitting(*names: str, layout: Layout = LAYOUT, gaps: str = "refuse", **terms: Any) -> Scene:
    return Scene(layout=requiring(layout, *names), gaps=gaps, **terms).started()


def told(scene: Scene, n: int | None = None) -> str:
    """The sentence of the refusal of handing in."""
    decision = scene.offer(HandIn(CANDIDATE, 0) if n is None else scene.operate(Submit(n, 0)))
    assert isinstance(decision, Refusal), decision
    assert decision.code is Code.GAPS
    return decision.detail


@pytest.mark.parametrize("n", [None, 1])
def test_handing_in_with_gaps_is_refused_and_names_them(n: int | None) -> None:
    scene = sitting("single", "number")
    assert told(scene, n) == "These questions must be answered before you hand in: 1, 5."
    scene.facts(scene.answer(2, "a", "single"))
    assert told(scene, None if n is None else 3) == "This question must be answered before you hand in: 5."
    scene.facts(scene.answer(4, " \u200b", "number"))
    assert told(scene).endswith(": 5."), "what shows nothing is no answer"
    scene.facts(scene.answer(5, "1", "number"))
    scene.facts(scene.operate(Submit(6, 0)))
    assert scene.status() is Status.SUBMITTED


@pytest.mark.parametrize("gaps", ["allow", "warn"])
def test_the_server_refuses_nothing_where_gaps_are_allowed_or_the_page_warns(gaps: str) -> None:
    assert sitting("single", gaps=gaps).facts(HandIn(CANDIDATE, 0)) == [Submitted(None, 0)]


def test_what_is_not_required_may_stay_blank() -> None:
    scene = sitting("text")
    scene.facts(scene.answer(1, "yes", "text"))
    assert scene.facts(HandIn(CANDIDATE, 0)) == [Submitted(None, 0)]


def test_many_gaps_are_counted() -> None:
    sections = tuple(
        replace(section, questions=tuple(replace(laid, required=True) for laid in section.questions * 5))
        for section in LAYOUT.sections
    )
    scene = Scene(layout=Layout(sections), gaps="refuse").started()
    assert told(scene).endswith("19, 20 and 10 more.")


@pytest.mark.parametrize(("at_ms", "refused"), [(-1, True), (0, False), (1, False)])
def test_when_time_is_up_nothing_is_refused(at_ms: int, refused: bool) -> None:
    scene = sitting("single", duration_ms=10 * MINUTE).at(10 * MINUTE + at_ms)
    if refused:
        told(scene)
    else:
        assert scene.facts(HandIn(CANDIDATE, 0)) == [Submitted(None, 0)]


def test_the_deadline_and_staff_refuse_nothing() -> None:
    scene = sitting("single", duration_ms=10 * MINUTE)
    assert isinstance(scene.wake_at(10 * MINUTE + GRACE)[-1], Expired)
    scene = sitting("single").at(MINUTE)
    scene.facts(scene.end())
    assert scene.facts(HandIn(CANDIDATE, 0)) == [Submitted(None, 0)], "the paper is being collected"


def test_a_question_whose_time_is_up_is_no_gap() -> None:
    scene = sitting("single", "text", layout=TIMED)
    assert told(scene).endswith(": 1, 3.")
    scene.at(MINUTE)
    assert told(scene).endswith(": 3.")
    scene.wake_at(MINUTE + GRACE)
    assert scene.attempt.closed_questions == ("single",)
    assert told(scene).endswith(": 3.")


def test_leaving_a_section_for_good_is_refused_while_it_has_gaps() -> None:
    scene = sitting("single", "multiple", "truth", layout=SECTIONS)
    scene.facts(scene.answer(1, "a", "single"))
    decision = scene.offer(scene.enter(2, "writing"))
    assert isinstance(decision, Refusal)
    assert (decision.code, decision.detail) == (Code.GAPS, "This question must be answered before you go on: 2.")
    assert told(scene).endswith(": 2, 6."), "what is still to come counts when she hands in"
    scene.facts(scene.answer(3, ["a"], "multiple"))
    scene.facts(scene.enter(4, "writing"))
    assert told(scene).endswith(": 6.")


def test_a_section_whose_time_is_up_is_left_with_its_gaps() -> None:
    scene = sitting("single", "truth", layout=SECTIONS)
    assert scene.at(10 * MINUTE - 1).refusal(scene.enter(1, "writing")) is Code.GAPS
    scene.at(10 * MINUTE).facts(scene.enter(2, "writing"))
    assert told(scene).endswith(": 6."), "nobody can answer the first one any more"
    scene = sitting("single", layout=SECTIONS)
    scene.wake_at(10 * MINUTE + GRACE)
    assert scene.facts(HandIn(CANDIDATE, 0)) == [Submitted(None, 0)]


def test_staff_may_lift_the_rule_in_mid_exam() -> None:
    scene = sitting("single")
    told(scene)
    scene.facts(Steer(INSTRUCTOR, ApplyRules("rules", IDENTITY.attempt_id, "too strict", may_shorten=False), TERMS))
    assert scene.facts(HandIn(CANDIDATE, 0)) == [Submitted(None, 0)]
