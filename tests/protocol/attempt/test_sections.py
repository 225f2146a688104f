"""Sections that are sat one after the other, with and without limits of their own."""

from typing import Any

import pytest
from msgspec.structs import replace

from protocol.attempt.commands import Operate
from protocol.attempt.facts import (
    Expired,
    Moved,
    Paused,
    Resumed,
    SectionClosed,
    SectionEntered,
    Warned,
)
from protocol.attempt.finality import START_PATIENCE_MS, not_after_ms
from protocol.attempt.layout import LaidSection, Layout
from protocol.attempt.model import Accommodation, Clock, Scope, Status
from protocol.attempt.view import row, state
from protocol.attempt.wake import next_sweep, next_wake
from protocol.codes import Code
from protocol.messages.operations import Answer, Enter, Flag, Progress
from tests.protocol.attempt.scene import HOUR, LAYOUT, MINUTE, SECTIONS, T0, TIMED, Scene
from tests.protocol.attempt.test_terms import grant, put_in_force

GRACE = 2_000
READING = T0 + 10 * MINUTE
"""The deadline of the first section of an attempt that starts at once."""


def sitting(extra_time_ms: int = 0, **terms: Any) -> Scene:
    return Scene(extra_time_ms, layout=SECTIONS, **terms).started()


def clocks(scene: Scene) -> list[tuple[str, int | None, int | None]]:
    """Scope or section, minutes of the deadline after T0, minutes left."""
    return [
        (
            clock.of or clock.scope,
            None if clock.deadline_ms is None else (clock.deadline_ms - T0) // MINUTE,
            None if clock.left_ms is None else clock.left_ms // MINUTE,
        )
        for clock in scene.attempt.clocks
    ]


def where(scene: Scene) -> tuple[str | None, tuple[str, ...]]:
    attempt = scene.attempt
    assert state(attempt).section_id == row(attempt, "", "online", None, 0).section_id
    assert state(attempt).closed_sections == list(attempt.closed_sections)
    return attempt.section_id, attempt.closed_sections


# ── entering ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_start_enters_the_first_section() -> None:
    scene = sitting()
    assert where(scene) == ("reading", ())
    assert clocks(scene) == [("test", 60, None), ("reading", 10, None)]


def test_in_a_test_without_an_order_no_section_is_open_alone() -> None:
    scene = Scene(layout=replace(SECTIONS, by_section=False)).started()
    assert where(scene) == (None, ())
    assert clocks(scene) == [("test", 60, None)]
    assert scene.refusal(scene.enter(1, "writing")) is Code.UNKNOWN_SECTION
    assert Scene(layout=LAYOUT).started().refusal(scene.enter(1, "writing")) is Code.UNKNOWN_SECTION


def test_entering_the_next_closes_the_one_before_for_good() -> None:
    scene = sitting().at(4 * MINUTE)
    assert scene.facts(scene.enter(1, "writing")) == [SectionEntered(1, "writing", 0)]
    assert where(scene) == ("writing", ("reading",))
    assert clocks(scene) == [("test", 60, None), ("writing", 24, None)]
    assert scene.attempt.question_index == 2
    assert scene.refusal(scene.enter(2, "reading")) is Code.SECTION_CLOSED
    scene.facts(scene.enter(3, "sums"))
    assert where(scene) == ("sums", ("reading", "writing"))
    assert clocks(scene) == [("test", 60, None)]
    assert scene.attempt.question_index == 4


@pytest.mark.parametrize(
    ("section_id", "code"),
    [
        ("reading", Code.SECTION_ORDER),
        ("sums", Code.SECTION_ORDER),
        ("singing", Code.UNKNOWN_SECTION),
    ],
)
def test_only_the_next_section_is_entered(section_id: str, code: Code) -> None:
    scene = sitting()
    assert scene.refusal(scene.enter(1, section_id)) is code


def test_entering_is_repeated_without_harm() -> None:
    scene = sitting().at(MINUTE)
    scene.facts(scene.enter(1, "writing"))
    assert scene.at(2 * MINUTE).facts(scene.enter(1, "writing")) == []
    assert scene.refusal(scene.enter(1, "sums")) is Code.NUMBER_REUSED
    assert clocks(scene) == [("test", 60, None), ("writing", 21, None)]


def test_nothing_is_entered_while_the_clock_stands_or_without_an_attempt_under_way() -> None:
    assert Scene(layout=SECTIONS).refusal(Scene().enter(1, "writing")) is Code.NOT_STARTED
    scene = sitting()
    scene.facts(scene.pause())
    assert scene.refusal(scene.enter(1, "writing")) is Code.PAUSED
    scene.facts(scene.resume())
    assert scene.submitted().refusal(scene.enter(1, "writing")) is Code.ALREADY_SUBMITTED


@pytest.mark.parametrize(("late_ms", "refused"), [(-1, False), (0, True), (1, True)])
def test_nothing_is_entered_after_the_closing_of_the_test(late_ms: int, refused: bool) -> None:
    scene = sitting(duration_ms=5 * MINUTE).at(5 * MINUTE + GRACE + late_ms)
    if refused:
        assert scene.refusal(scene.enter(1, "writing")) is Code.DEADLINE_PASSED
    else:
        scene.facts(scene.enter(1, "writing"))


# ── what is open ───────────────────────────────────────────────────────────────────────────────────────────────


def test_only_the_open_section_takes_anything() -> None:
    scene = sitting()
    scene.facts(scene.answer(1, "a", "single"))
    for n, (question_id, position) in enumerate([("text", 2), ("truth", 5)], 10):
        assert scene.refusal(scene.answer(n, "true", question_id)) is Code.SECTION_NOT_OPEN
        assert scene.refusal(scene.go(n, position)) is Code.SECTION_NOT_OPEN
        assert scene.refusal(scene.operate(Flag(n, question_id, True, 0))) is Code.SECTION_NOT_OPEN
    scene.facts(scene.enter(20, "writing"))
    assert scene.refusal(scene.answer(21, "b", "single")) is Code.SECTION_CLOSED
    assert scene.refusal(scene.go(21, 0)) is Code.SECTION_CLOSED
    assert scene.refusal(scene.operate(Flag(21, "single", True, 0))) is Code.SECTION_CLOSED
    scene.facts(scene.answer(21, "yes", "text"))
    scene.facts(scene.go(22, 3))
    assert set(scene.attempt.answers) == {"single", "text"}, "what was saved before counts"


def test_an_answer_does_not_move_her_out_of_the_open_section() -> None:
    scene = sitting()
    scene.facts(scene.operate(Answer(1, "single", "a", 1, 0)))
    scene.facts(scene.operate(Answer(2, "single", "b", 2, 0)))
    assert scene.attempt.question_index == 1
    assert scene.attempt.answers["single"].value == "b", "the answer itself is hers"


# ── the section's clock ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("late_ms", "accepted"), [(-1, True), (0, False), (1, False)])
def test_a_section_takes_answers_until_the_last_millisecond_of_its_grace(late_ms: int, accepted: bool) -> None:
    at_ms = 10 * MINUTE + GRACE + late_ms
    for asleep in (True, False):
        scene = sitting().at(at_ms)
        if not asleep:
            assert (SectionClosed("reading", READING) in scene.wake_at(at_ms)) is not accepted
        for command in (scene.answer(1), scene.go(1, 1), scene.operate(Flag(1, "single", True, 0))):
            one = sitting().at(at_ms)
            one.attempt = scene.attempt
            if accepted:
                one.facts(command)
            else:
                assert one.refusal(command) is Code.SECTION_CLOSED


@pytest.mark.parametrize("late_ms", [0, 1, 3 * HOUR])
def test_a_section_closes_at_its_deadline_however_late_it_is_noticed(late_ms: int) -> None:
    scene = sitting(duration_ms=None)
    assert scene.wake_at(10 * MINUTE + GRACE + late_ms) == [SectionClosed("reading", READING)]
    assert where(scene) == (None, ("reading",))
    assert clocks(scene) == []


def test_between_two_sections_only_the_tests_clock_runs() -> None:
    scene = sitting()
    scene.wake_at(10 * MINUTE + GRACE)
    assert clocks(scene) == [("test", 60, None)]
    assert scene.refusal(scene.answer(1)) is Code.SECTION_CLOSED
    assert scene.refusal(scene.answer(1, "yes", "text")) is Code.SECTION_NOT_OPEN
    assert scene.refusal(scene.enter(1, "sums")) is Code.SECTION_ORDER
    scene.at(25 * MINUTE).facts(scene.enter(1, "writing"))
    assert clocks(scene) == [("test", 60, None), ("writing", 45, None)], "she has lost no minute of it"
    assert where(scene) == ("writing", ("reading",))


def test_what_comes_first_closes_first() -> None:
    scene = sitting(duration_ms=10 * MINUTE)
    assert scene.wake_at(HOUR) == [Expired(READING, "")], "the test closes with all that is in it"
    scene = sitting(duration_ms=10 * MINUTE + 1)
    assert scene.wake_at(HOUR) == [SectionClosed("reading", READING), Expired(READING + 1, "")]


def test_with_its_last_section_a_test_ends_that_has_no_clock() -> None:
    only_limits = Layout(tuple(replace(one, limit_ms=10 * MINUTE) for one in SECTIONS.sections), by_section=True)
    scene = Scene(layout=only_limits, duration_ms=None).started()
    scene.facts(scene.enter(1, "writing"))
    assert scene.wake_at(10 * MINUTE + GRACE) == [SectionClosed("writing", READING)]
    scene.at(11 * MINUTE).facts(scene.enter(2, "sums"))
    end_ms = T0 + 21 * MINUTE
    assert scene.wake_at(21 * MINUTE + GRACE) == [SectionClosed("sums", end_ms), Expired(end_ms, "")]
    assert scene.attempt.ended_at_ms == end_ms


def test_with_a_clock_of_its_own_a_test_goes_on_after_its_last_section() -> None:
    scene = Scene(layout=Layout(SECTIONS.sections[:1], by_section=True)).started()
    assert scene.wake_at(10 * MINUTE + GRACE) == [SectionClosed("reading", READING)]
    assert scene.status() is Status.IN_PROGRESS
    scene.submitted()


def test_sections_warn_by_themselves() -> None:
    scene = sitting()
    assert scene.wake_at(5 * MINUTE) == [Warned(5 * MINUTE, READING, Scope.SECTION, "reading")]
    assert scene.wake_at(9 * MINUTE) == [Warned(MINUTE, READING, Scope.SECTION, "reading")]
    scene.facts(scene.enter(1, "writing"))
    assert scene.wake_at(25 * MINUTE) == [Warned(5 * MINUTE, T0 + 29 * MINUTE, Scope.SECTION, "writing")]
    scene.facts(scene.enter(2, "sums"))
    assert scene.wake_at(55 * MINUTE) == [Warned(5 * MINUTE, T0 + HOUR)]


def test_a_section_shorter_than_a_warning_does_not_begin_with_it() -> None:
    short = replace(SECTIONS, sections=(replace(SECTIONS.sections[0], limit_ms=4 * MINUTE), *SECTIONS.sections[1:]))
    scene = Scene(layout=short).started()
    assert scene.wake_at(0) == []
    assert scene.wake_at(3 * MINUTE) == [Warned(MINUTE, T0 + 4 * MINUTE, Scope.SECTION, "reading")]


@pytest.mark.parametrize(
    ("duration_ms", "extra_ms", "minutes"),
    [(HOUR, 15 * MINUTE, 12.5), (HOUR, HOUR, 20), (None, 15 * MINUTE, 15), (HOUR, 1, 10 + 1 / MINUTE)],
)
def test_extra_time_lengthens_a_section_in_proportion(duration_ms: int | None, extra_ms: int, minutes: float) -> None:
    scene = sitting(extra_ms, duration_ms=duration_ms)
    (section,) = (clock for clock in scene.attempt.clocks if clock.scope is Scope.SECTION)
    assert section.deadline_ms == T0 + round(minutes * MINUTE)


# ── pause, extension, collecting, reopening ────────────────────────────────────────────────────────────────────


def test_a_pause_stops_both_clocks() -> None:
    scene = sitting().at(4 * MINUTE)
    scene.facts(scene.pause())
    assert clocks(scene) == [("test", None, 56), ("reading", None, 6)]
    assert next_wake(scene.attempt) is None
    scene.at(HOUR).facts(scene.resume())
    assert clocks(scene) == [("test", 116, None), ("reading", 66, None)]


@pytest.mark.parametrize(("late_ms", "left_ms"), [(-1, 1), (0, 0), (1, 0)])
def test_a_pause_in_the_grace_of_a_section_gives_it_no_time_but_its_grace(late_ms: int, left_ms: int) -> None:
    scene = sitting().at(10 * MINUTE + late_ms)
    scene.facts(scene.pause())
    assert scene.attempt.clocks[1].left_ms == left_ms
    scene.at(HOUR).facts(scene.resume())
    deadline_ms = T0 + HOUR + left_ms
    assert scene.wake_at(HOUR + left_ms + GRACE - 1) == []
    assert scene.wake_at(HOUR + left_ms + GRACE) == [SectionClosed("reading", deadline_ms)]


def test_a_lost_connection_saves_the_sections_time_too() -> None:
    scene = Scene(layout=SECTIONS, pause_on_disconnect=True).connected().started().at(9 * MINUTE)
    assert [type(fact) for fact in scene.facts(scene.disconnect())][1:] == [Paused]
    assert clocks(scene) == [("test", None, 51), ("reading", None, 1)]
    facts = scene.wake_at(14 * MINUTE)
    assert facts == [Resumed(T0 + 14 * MINUTE, None, "pause budget used up"), *facts[1:]]
    assert scene.wake_at(15 * MINUTE + GRACE) == [SectionClosed("reading", T0 + 15 * MINUTE)]


def test_an_extension_adds_to_both_clocks_and_not_to_later_sections() -> None:
    scene = sitting().at(MINUTE)
    scene.facts(scene.extend(5 * MINUTE))
    assert clocks(scene) == [("test", 65, None), ("reading", 15, None)]
    scene.facts(scene.enter(1, "writing"))
    assert clocks(scene) == [("test", 65, None), ("writing", 21, None)]
    scene.facts(scene.pause())
    scene.facts(scene.extend(5 * MINUTE))
    assert clocks(scene) == [("test", None, 69), ("writing", None, 25)]


@pytest.mark.parametrize("late_ms", [0, GRACE - 1])
def test_an_extension_in_the_grace_opens_the_section_again(late_ms: int) -> None:
    scene = sitting().at(10 * MINUTE + late_ms)
    scene.facts(scene.extend(5 * MINUTE))
    assert scene.wake_at(10 * MINUTE + GRACE) == []
    scene.at(15 * MINUTE + GRACE - 1).facts(scene.answer(1))


def test_a_section_without_a_limit_has_no_deadline_to_move() -> None:
    scene = Scene(layout=SECTIONS, duration_ms=None).started()
    scene.facts(scene.extend(5 * MINUTE))
    assert clocks(scene) == [("reading", 15, None)]
    scene.facts(scene.enter(1, "writing"))
    scene.facts(scene.enter(2, "sums"))
    assert scene.refusal(scene.extend()) is Code.NO_DEADLINE


@pytest.mark.parametrize("minute", [1, 9, 10])
def test_a_collected_paper_closes_with_all_that_is_in_it(minute: int) -> None:
    scene = sitting().at(minute * MINUTE)
    scene.facts(scene.end())
    scene.at(minute * MINUTE + GRACE - 1).facts(scene.answer(1))
    assert scene.wake_at(minute * MINUTE + GRACE) == [Expired(T0 + minute * MINUTE, "")]


def test_collecting_gives_a_section_no_time() -> None:
    scene = sitting().at(10 * MINUTE + 1_000)
    scene.facts(scene.end())
    assert scene.at(10 * MINUTE + GRACE).refusal(scene.answer(1)) is Code.SECTION_CLOSED


def test_a_reopened_attempt_goes_on_in_its_section_without_a_clock_of_its_own() -> None:
    scene = sitting().at(MINUTE)
    scene.facts(scene.enter(1, "writing"))
    scene.submitted()
    assert state(scene.attempt).section_id is None, "after the end nothing is open"
    scene.at(40 * MINUTE).facts(scene.reopen(10 * MINUTE))
    assert where(scene) == ("writing", ("reading",))
    assert clocks(scene) == [("test", 50, None)]
    scene.facts(scene.answer(2, "yes", "text"))
    assert scene.refusal(scene.answer(3)) is Code.SECTION_CLOSED
    scene.facts(scene.enter(3, "sums"))


def test_a_reopened_attempt_whose_sections_have_all_closed_goes_on_in_the_last() -> None:
    scene = Scene(layout=Layout(SECTIONS.sections[:2], by_section=True)).started()
    scene.facts(scene.enter(1, "writing"))
    scene.wake_at(20 * MINUTE + GRACE)
    assert where(scene.submitted()) == (None, ("reading", "writing"))
    scene.facts(scene.reopen())
    assert where(scene) == ("writing", ("reading",))
    scene.facts(scene.answer(2, "yes", "text"))


def test_a_reopened_attempt_between_two_sections_enters_the_next() -> None:
    scene = sitting()
    scene.wake_at(10 * MINUTE + GRACE)
    scene.submitted().facts(scene.reopen())
    assert where(scene) == (None, ("reading",))
    scene.facts(scene.enter(1, "writing"))


# ── when to look again, and until when a record may be written ─────────────────────────────────────────────────


def test_the_server_looks_again_at_each_closing() -> None:
    scene = sitting(warnings_ms=())
    assert next_wake(scene.attempt) == next_sweep(scene.attempt) == READING + GRACE
    scene.wake_at(10 * MINUTE + GRACE)
    assert next_wake(scene.attempt) == next_sweep(scene.attempt) == T0 + HOUR + GRACE


def _until(scene: Scene, command: Operate, *, again: bool = False) -> int | None:
    decision = scene.offer(command)
    assert isinstance(decision, tuple)
    return not_after_ms(scene.attempt, command, decision, again=again)


def test_a_record_is_not_written_after_the_closing_of_its_section() -> None:
    assert _until(sitting(), Scene().answer(1)) == READING + GRACE
    assert _until(sitting(), Scene().go(1, 1)) == READING + GRACE
    assert _until(sitting(duration_ms=None), Scene().answer(1)) == READING + GRACE
    assert _until(sitting(duration_ms=MINUTE), Scene().answer(1)) == T0 + MINUTE + GRACE


def test_a_section_begins_when_she_can_be_told() -> None:
    assert _until(sitting(), Scene().enter(1, "writing")) == T0 + START_PATIENCE_MS
    scene = sitting(duration_ms=MINUTE).at(MINUTE)
    assert _until(scene, scene.enter(1, "writing")) == T0 + MINUTE + GRACE, "and never after the closing"


# ── questions with a limit ─────────────────────────────────────────────────────────────────────────────────────


def timed(**terms: Any) -> Scene:
    return Scene(layout=TIMED, **terms).started()


def question(scene: Scene, question_id: str = "single") -> Clock | None:
    return next((clock for clock in scene.attempt.clocks if clock.of == question_id), None)


def test_a_questions_clock_begins_when_she_first_goes_there() -> None:
    scene = timed()
    assert question(scene) == Clock(Scope.QUESTION, "single", T0 + MINUTE, None), "the start goes to the first"
    assert question(scene, "text") is None
    scene.at(10_000).facts(scene.go(1, 2))
    assert question(scene, "text") == Clock(Scope.QUESTION, "text", T0 + 10_000 + 2 * MINUTE, None)


@pytest.mark.parametrize("position", [None, 0, 1])
def test_an_answer_to_a_question_whose_clock_has_not_begun_takes_her_there(position: int | None) -> None:
    scene = timed().at(10_000)
    scene.facts(scene.operate(Answer(1, "text", "round", position, 0)))
    assert scene.attempt.question_index == 2
    assert question(scene, "text") == Clock(Scope.QUESTION, "text", T0 + 10_000 + 2 * MINUTE, None)
    assert question(scene) == Clock(Scope.QUESTION, "single", None, 50_000)
    scene.at(20_000).facts(scene.go(2, 0))
    scene.at(30_000).facts(scene.operate(Answer(3, "text", "flat", 0, 0)))
    assert scene.attempt.question_index == 0, "what is on the way when she has left takes her nowhere"


def test_nor_does_one_to_a_question_without_a_limit_or_of_whoever_has_unlimited_time() -> None:
    scene = timed().at(10_000)
    scene.facts(scene.operate(Answer(1, "multiple", ["a"], None, 0)))
    assert scene.attempt.question_index == 0
    free = timed(unlimited_time=True).at(10_000)
    free.facts(free.operate(Answer(1, "text", "round", None, 0)))
    assert free.attempt.question_index == 0


def test_it_stands_while_she_is_elsewhere_and_runs_on_when_she_returns() -> None:
    scene = timed().at(20_000)
    scene.facts(scene.go(1, 1))
    assert question(scene) == Clock(Scope.QUESTION, "single", None, 40_000)
    scene.at(HOUR - MINUTE).facts(scene.answer(2, "a", "single"))
    scene.facts(scene.operate(Answer(3, "multiple", ["a"], 0, 0)))
    assert question(scene) == Clock(Scope.QUESTION, "single", T0 + HOUR - 20_000, None)


@pytest.mark.parametrize(("late_ms", "accepted"), [(-1, True), (0, False), (1, False)])
def test_a_question_takes_answers_until_the_last_millisecond_of_its_grace(late_ms: int, accepted: bool) -> None:
    scene = timed().at(MINUTE + GRACE + late_ms)
    if accepted:
        scene.facts(scene.answer(1))
        assert scene.wake_at(MINUTE + GRACE - 1) == []
    else:
        assert scene.refusal(scene.answer(1)) is Code.QUESTION_CLOSED, "whether or not anybody has noticed"
        scene.wake_at(MINUTE + GRACE + late_ms)
        assert scene.attempt.closed_questions == ("single",)
        assert scene.refusal(scene.answer(1)) is Code.QUESTION_CLOSED
    scene.facts(scene.answer(2, ["a"], "multiple"))
    scene.facts(scene.operate(Flag(3, "single", True, 0)))
    scene.facts(scene.go(4, 0))


def test_a_closed_question_begins_no_clock_again() -> None:
    scene = timed()
    scene.wake_at(MINUTE + GRACE)
    scene.facts(scene.go(1, 1))
    scene.facts(scene.go(2, 0))
    assert question(scene) is None
    assert state(scene.attempt).closed_questions == ["single"]


@pytest.mark.parametrize(("late_ms", "saved"), [(-1, True), (0, False), (1, False), (GRACE - 1, False)])
def test_going_away_in_the_grace_saves_no_time_that_is_up(late_ms: int, saved: bool) -> None:
    scene = timed().at(MINUTE + late_ms)
    scene.facts(scene.go(1, 1))
    clock = question(scene)
    assert clock is not None
    assert (clock.left_ms is not None) is saved
    scene.wake_at(MINUTE + GRACE)
    assert (question(scene) is None) is not saved
    if not saved:
        assert scene.refusal(scene.answer(2)) is Code.QUESTION_CLOSED


def test_questions_give_no_warnings_and_no_extra_work_for_the_sweeper() -> None:
    scene = timed(warnings_ms=(30_000,))
    assert scene.wake_at(30_000) == []
    assert next_wake(scene.attempt) == T0 + MINUTE + GRACE
    assert next_sweep(scene.attempt) == T0 + HOUR + GRACE


def test_a_pause_stops_a_questions_clock_and_only_the_one_at_hand_runs_on() -> None:
    scene = timed().at(10_000)
    scene.facts(scene.go(1, 2))
    scene.at(20_000).facts(scene.pause())
    assert (question(scene), question(scene, "text")) == (
        Clock(Scope.QUESTION, "single", None, 50_000),
        Clock(Scope.QUESTION, "text", None, 110_000),
    )
    scene.at(MINUTE).facts(scene.resume())
    assert (question(scene), question(scene, "text")) == (
        Clock(Scope.QUESTION, "single", None, 50_000),
        Clock(Scope.QUESTION, "text", T0 + MINUTE + 110_000, None),
    )


def test_who_moves_in_the_grace_of_a_pause_sets_nothing_running() -> None:
    scene = timed().at(10_000)
    scene.facts(scene.pause())
    scene.at(11_000).facts(scene.go(1, 2))
    assert question(scene, "text") == Clock(Scope.QUESTION, "text", None, 2 * MINUTE)
    scene.at(MINUTE).facts(scene.resume())
    assert question(scene, "text") == Clock(Scope.QUESTION, "text", T0 + 3 * MINUTE, None)
    assert question(scene) == Clock(Scope.QUESTION, "single", None, 50_000)


def test_an_extension_adds_to_the_question_at_hand_alone() -> None:
    scene = timed().at(10_000)
    scene.facts(scene.go(1, 2))
    scene.facts(scene.extend(5 * MINUTE))
    assert question(scene) == Clock(Scope.QUESTION, "single", None, 50_000)
    assert question(scene, "text") == Clock(Scope.QUESTION, "text", T0 + 10_000 + 7 * MINUTE, None)


def test_extra_time_lengthens_a_question_in_proportion() -> None:
    scene = Scene(30 * MINUTE, layout=TIMED).started()
    assert question(scene) == Clock(Scope.QUESTION, "single", T0 + 90_000, None)
    alone = Scene(MINUTE, layout=TIMED, duration_ms=None).started()
    assert question(alone) == Clock(Scope.QUESTION, "single", T0 + 80_000, None), "a third of the questions' time"


def test_a_question_in_a_section_has_both_clocks() -> None:
    first = replace(SECTIONS.sections[0], questions=TIMED.sections[0].questions[:2])
    scene = Scene(layout=Layout((first, *SECTIONS.sections[1:]), by_section=True)).started().at(30_000)
    assert clocks(scene) == [("test", 60, None), ("reading", 10, None), ("single", 1, None)]
    scene.facts(scene.enter(1, "writing"))
    assert clocks(scene) == [("test", 60, None), ("writing", 20, None)], "what limited the section before is over"


def test_a_reopened_attempt_begins_its_questions_clocks_as_she_goes_there() -> None:
    scene = timed()
    scene.wake_at(MINUTE + GRACE)
    scene.facts(scene.go(1, 2))
    scene.submitted().at(HOUR).facts(scene.reopen())
    assert clocks(scene) == [("test", 70, None)]
    assert scene.refusal(scene.answer(2)) is Code.QUESTION_CLOSED, "what has closed stays closed"
    scene.facts(scene.answer(2, "yes", "text"))


def test_a_visit_that_starts_a_clock_waits_no_longer_than_a_start() -> None:
    assert _until(timed(), Scene().go(1, 2)) == T0 + START_PATIENCE_MS
    assert _until(timed(), Scene().answer(1)) == T0 + MINUTE + GRACE
    assert _until(timed(), Scene().answer(1, ["a"], "multiple")) == T0 + HOUR + GRACE
    assert _until(Scene().started(), Scene().go(1, 2)) == T0 + HOUR + GRACE


def test_facts_have_the_fields_of_their_operations() -> None:
    assert SectionEntered.__struct_fields__ == Enter.__struct_fields__
    assert Moved.__struct_fields__ == Progress.__struct_fields__
    assert LaidSection("x", ()).limit_ms is None


def limited_again(scene: Scene) -> None:
    """Staff take unlimited time back."""
    scene.facts(put_in_force(Accommodation(), f"back-{scene.now_ms}", may_shorten=True))


def section_left_ms(scene: Scene) -> int | None:
    """The time on the open section's clock; None: it has no limit."""
    clocks = [clock for clock in scene.attempt.clocks if clock.scope is Scope.SECTION]
    if not clocks:
        return None
    (clock,) = clocks
    return clock.left_ms if clock.deadline_ms is None else clock.deadline_ms - scene.now_ms


def test_a_sections_limit_that_unlimited_time_took_away_comes_back_with_the_time_that_was_left() -> None:
    """As if it had run on: less what she has used, with what staff have added, and not less for a pause."""
    scene = Scene(layout=SECTIONS).started().at(2 * MINUTE)
    scene.facts(scene.extend(MINUTE))
    scene.facts(grant(unlimited_time=True))
    assert section_left_ms(scene) is None
    scene.at(3 * MINUTE).facts(scene.pause())
    scene.at(30 * MINUTE)
    limited_again(scene)
    assert section_left_ms(scene) == 8 * MINUTE
    scene.at(40 * MINUTE).facts(scene.resume())
    assert section_left_ms(scene) == 8 * MINUTE
    closed = scene.wake_at(48 * MINUTE + 2_000)
    assert [type(fact) for fact in closed] == [SectionClosed]


def test_it_comes_back_for_the_section_that_is_open_then_alone() -> None:
    scene = Scene(layout=SECTIONS)
    scene.facts(grant(unlimited_time=True))
    scene.started().at(30 * MINUTE).facts(scene.enter(1, "writing"))
    limited_again(scene.at(35 * MINUTE))
    assert section_left_ms(scene) == 15 * MINUTE
    scene.facts(grant(unlimited_time=True))
    limited_again(scene.at(80 * MINUTE))
    assert section_left_ms(scene) == 0, "what she has used is used"


def test_a_section_that_was_reopened_gets_no_limit_by_it() -> None:
    scene = Scene(layout=SECTIONS, duration_ms=None).connected().started().at(5 * MINUTE).submitted()
    scene.at(HOUR).facts(scene.reopen(10 * MINUTE))
    scene.facts(grant(unlimited_time=True))
    limited_again(scene)
    assert section_left_ms(scene) is None
    assert scene.attempt.test_clock.deadline_ms == T0 + HOUR + 10 * MINUTE


def test_the_question_at_hand_has_its_limit_again_from_then_on() -> None:
    scene = Scene(layout=TIMED).started().at(30_000)
    scene.facts(grant(unlimited_time=True))
    assert [clock.of for clock in scene.attempt.clocks] == []
    limited_again(scene.at(2 * MINUTE))
    own = [clock for clock in scene.attempt.clocks if clock.of == "single"]
    assert [clock.deadline_ms for clock in own] == [T0 + 3 * MINUTE]
