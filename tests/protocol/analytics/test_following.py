"""The fold over one log: by hand, and against the state of the attempt after any sequence of commands."""

from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from protocol.analytics.course import AtQuestion, Course
from protocol.analytics.following import MATTERS, Follower
from protocol.answering import is_blank
from protocol.attempt.commands import Connect
from protocol.attempt.early import ran_until
from protocol.attempt.facts import Record, Started, tag_of
from protocol.attempt.model import ENDED, Status
from protocol.limits import IDLE_AFTER_MS
from protocol.messages.base import Value
from protocol.messages.operations import Answer, Progress
from tests.protocol.attempt.drawn import Step, Terms, run, step_lists, term_sets
from tests.protocol.attempt.scene import CANDIDATE, MINUTE, SECTIONS, T0, TIMED, Scene

SECOND = 1_000
NAMES = ("single", "multiple", "text", "essay", "number", "truth")


def course_of(records: Iterable[Record], now_ms: int) -> Course:
    follower = Follower({1: ("text", "essay")})
    for record in records:
        if tag_of(record.entry.fact) in MATTERS:
            follower.take(record.entry.seq, record.entry.at_ms, record.entry.fact)
    return follower.course(now_ms)


class Sitting:
    """A candidate who starts at 0 and says where she is."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self._n = 0
        scene.connected().started()

    def go(self, ms: int, position: int, clock_ms: int | None = None) -> None:
        self._n += 1
        self.scene.at(ms).facts(self.scene.operate(Progress(self._n, position, self._clock(clock_ms, ms))))

    def answer(
        self, ms: int, question_id: str, value: Value, position: int | None = None, clock_ms: int | None = None
    ) -> None:
        self._n += 1
        clock = self._clock(clock_ms, ms)
        self.scene.at(ms).facts(self.scene.operate(Answer(self._n, question_id, value, position, clock)))

    def course(self, ms: int) -> Course:
        return course_of(self.scene.records, T0 + ms)

    @staticmethod
    def _clock(clock_ms: int | None, ms: int) -> int:
        """The client's clock is a minute fast."""
        return T0 + MINUTE + (ms if clock_ms is None else clock_ms)


def times(course: Course) -> dict[str, int]:
    return {name: one.time_ms // SECOND for name, one in course.questions.items() if one.time_ms}


def test_the_time_on_a_question_is_that_between_visits() -> None:
    her = Sitting(Scene())
    her.answer(10 * SECOND, "single", "a")
    her.go(20 * SECOND, 1)
    her.answer(50 * SECOND, "multiple", ["a"])
    her.answer(60 * SECOND, "text", "yes", position=2)
    her.go(90 * SECOND, 0)
    her.scene.at(100 * SECOND).submitted()
    course = her.course(900 * SECOND)
    assert times(course) == {"single": 30, "multiple": 40, "text": 30}
    assert (course.ran_ms, course.unplaced_ms, course.ended) == (100 * SECOND, 0, True)
    assert (course.started_ms, course.until_ms, course.answered) == (T0, T0 + 100 * SECOND, 3)
    assert course.questions["single"] == AtQuestion(30_000, 2, 1, 0, T0 + 10_000, T0 + 10_000, True)
    assert [course.questions[name].visits for name in NAMES] == [2, 1, 1, 0, 0, 0]


def test_what_goes_on_is_counted_until_it_is_looked_at() -> None:
    her = Sitting(Scene())
    her.go(20 * SECOND, 1)
    course = her.course(50 * SECOND)
    assert (times(course), course.ended, course.until_ms) == ({"single": 20, "multiple": 30}, False, T0 + 50_000)


def test_a_client_that_never_says_where_she_is_is_placed_by_her_answers() -> None:
    her = Sitting(Scene())
    her.answer(10 * SECOND, "single", "a")
    her.answer(40 * SECOND, "text", "yes")
    her.scene.at(60 * SECOND).submitted()
    course = her.course(0)
    assert (times(course), course.unplaced_ms) == ({"single": 10, "text": 30}, 20 * SECOND)


def test_no_time_passes_while_the_clock_stands() -> None:
    scene = Scene()
    her = Sitting(scene)
    her.go(10 * SECOND, 1)
    scene.at(20 * SECOND).facts(scene.pause())
    scene.at(80 * SECOND).facts(scene.resume())
    scene.at(90 * SECOND).submitted()
    course = her.course(0)
    assert (times(course), course.ran_ms) == ({"single": 10, "multiple": 20}, 30 * SECOND)


def test_a_change_puts_another_answer_in_the_place_of_one() -> None:
    her = Sitting(Scene())
    for at_s, value in enumerate(("a", "a", "b", None, "c", "a"), 1):
        her.answer(at_s * SECOND, "single", value)
    her.go(10 * SECOND, 2)
    # Saves while somebody types are no changes of mind, unless she comes back to what stood there.
    for at_s, typed in enumerate(("y", "ye", "yes"), 11):
        her.answer(at_s * SECOND, "text", typed)
    her.go(20 * SECOND, 0)
    her.go(30 * SECOND, 2)
    for at_s, typed in enumerate(("yes!", "yes!!", ""), 31):
        her.answer(at_s * SECOND, "text", typed)
    course = her.course(40 * SECOND)
    # a → b, b → nothing, c → a.
    assert (course.questions["single"].saves, course.questions["single"].changes) == (6, 3)
    text = course.questions["text"]
    assert (text.saves, text.changes, text.visits, text.answered) == (6, 1, 2, False)
    assert (text.first_ms, text.last_ms) == (T0 + 11_000, T0 + 33_000)


def test_a_silence_of_five_minutes_is_idle() -> None:
    her = Sitting(Scene())
    her.answer(IDLE_AFTER_MS - 1, "single", "a")
    her.answer(2 * IDLE_AFTER_MS - 1, "single", "b")
    her.go(2 * IDLE_AFTER_MS, 1)
    course = her.course(4 * IDLE_AFTER_MS)
    assert (course.idle_spans, course.idle_ms) == (2, 3 * IDLE_AFTER_MS)


def test_a_lost_connection_takes_time_where_the_clock_runs_on() -> None:
    scene = Scene()
    her = Sitting(scene)
    scene.at(70 * SECOND).facts(scene.disconnect("c1", 60 * SECOND))
    scene.at(100 * SECOND).facts(scene.connect("c2"))
    scene.at(200 * SECOND).submitted()
    scene.at(210 * SECOND).facts(scene.disconnect("c2"))
    course = her.course(0)
    assert (course.losses, course.away_ms, list(course.away_spans)) == (1, 40_000, [(T0 + 60_000, T0 + 100_000)])
    assert course.idle_spans == 0


def test_a_lost_connection_that_stops_the_clock_takes_none() -> None:
    scene = Scene(pause_on_disconnect=True)
    her = Sitting(scene)
    scene.at(70 * SECOND).facts(scene.disconnect("c1", 60 * SECOND))
    scene.at(100 * SECOND).facts(scene.connect("c2"))
    scene.at(200 * SECOND).submitted()
    course = her.course(0)
    assert (course.losses, course.away_ms, course.ran_ms) == (1, 0, 160_000)


def gone(scene: Scene) -> Sitting:
    """She goes to the second question at 10 s, loses her connection at 20 s, and has it again at 120 s."""
    her = Sitting(scene)
    her.go(10 * SECOND, 1)
    scene.at(30 * SECOND).facts(scene.disconnect("c1", 20 * SECOND))
    scene.at(120 * SECOND).facts(scene.connect("c2"))
    return her


def test_what_was_done_without_a_connection_shares_out_its_span_by_the_clients_clock() -> None:
    her = gone(Scene())
    her.answer(121 * SECOND, "multiple", ["a"], clock_ms=40 * SECOND)
    her.go(121 * SECOND, 2, clock_ms=50 * SECOND)
    her.go(122 * SECOND, 3, clock_ms=110 * SECOND)
    her.go(130 * SECOND, 4)
    course = her.course(140 * SECOND)
    assert times(course) == {"single": 10, "multiple": 40, "text": 60, "essay": 20, "number": 10}
    assert course.questions["multiple"].first_ms == T0 + 40_000


def test_a_client_that_claims_more_time_than_there_was_is_cut() -> None:
    her = gone(Scene())
    # Its clock was set back by an hour while it was away, and forward by one after that.
    her.go(121 * SECOND, 2, clock_ms=-3_600 * SECOND)
    her.go(121 * SECOND, 3, clock_ms=3_600 * SECOND)
    course = her.course(131 * SECOND)
    assert times(course) == {"single": 10, "multiple": 10, "text": 101, "essay": 10}
    assert course.ran_ms == 131 * SECOND


def test_sections_and_what_lies_between_them() -> None:
    scene = Scene(layout=SECTIONS)
    her = Sitting(scene)
    her.go(10 * SECOND, 1)
    scene.wake_at(10 * MINUTE + 2_000)
    scene.at(12 * MINUTE).facts(scene.enter(50, "writing"))
    course = her.course(13 * MINUTE)
    assert times(course) == {"single": 10, "multiple": 590, "text": 60}
    assert course.unplaced_ms == 2 * MINUTE


def test_an_answer_to_a_question_with_a_limit_is_a_visit() -> None:
    her = Sitting(Scene(layout=TIMED))
    her.go(SECOND, 1)
    her.answer(5 * SECOND, "text", "yes")
    course = her.course(9 * SECOND)
    assert (times(course), course.questions["text"].visits) == ({"single": 1, "multiple": 4, "text": 4}, 1)


def test_the_grace_is_no_time_of_hers() -> None:
    scene = Scene(duration_ms=MINUTE)
    her = Sitting(scene)
    her.go(50 * SECOND, 1)
    her.go(61 * SECOND, 2)
    scene.wake_at(MINUTE + 2_000)
    course = her.course(0)
    assert scene.status() is Status.EXPIRED
    assert (times(course), course.until_ms) == ({"single": 50, "multiple": 10}, T0 + MINUTE)


def test_nothing_is_said_of_whoever_has_not_begun() -> None:
    course = course_of(Scene().connected().records, T0 + MINUTE)
    assert (course.started_ms, course.ran_ms, course.questions, course.ended) == (None, 0, {}, False)


@given(term_sets, step_lists)
def test_the_course_agrees_with_the_state(terms: Terms, steps: list[Step]) -> None:
    scene, _ = run(terms, steps, [0])
    attempt, now_ms = scene.attempt, scene.now_ms
    course = course_of(scene.records, now_ms)
    assert course.ended == (attempt.status in ENDED)
    if course.ended:
        # Kept courses are known by it.
        assert course.until_ms == attempt.ended_at_ms
    if attempt.started_at_ms is None:
        assert course.started_ms is None
        return
    started = [record.entry for record in scene.records if isinstance(record.entry.fact, Started)]
    assert course.started_ms == started[-1].at_ms
    assert course.ran_ms == ran_until(attempt, now_ms)
    assert course.ran_ms == course.unplaced_ms + sum(one.time_ms for one in course.questions.values())
    assert all(one.time_ms >= 0 and one.changes <= one.saves for one in course.questions.values())
    assert course.answered == attempt.answered
    assert {name for name, one in course.questions.items() if one.answered} == {
        name for name, one in attempt.answers.items() if not is_blank(one.value)
    }
    assert 0 <= course.away_ms <= course.ran_ms
    assert course.away_ms == sum(until - since for since, until in course.away_spans)


@given(term_sets, step_lists, st.integers(0, 40))
def test_a_fold_that_goes_on_later_is_the_same(terms: Terms, steps: list[Step], until: int) -> None:
    scene, _ = run(terms, steps, [0])
    typed = {1: ("text", "essay")}
    follower = Follower(typed)
    for place, record in enumerate(scene.records):
        if place == until:
            follower = Follower.resumed_at(follower.standing(), typed)
        if tag_of(record.entry.fact) in MATTERS:
            follower.take(record.entry.seq, record.entry.at_ms, record.entry.fact)
    assert follower.course(scene.now_ms) == course_of(scene.records, scene.now_ms)


def test_a_fold_that_goes_on_later_knows_what_is_typed() -> None:
    typed = {1: ("text", "essay")}
    her = Sitting(Scene())
    her.answer(10 * SECOND, "text", "y", position=2)
    follower = Follower(typed)
    taken = 0
    for value in ("ye", "yes"):
        for record in her.scene.records[taken:]:
            if tag_of(record.entry.fact) in MATTERS:
                follower.take(record.entry.seq, record.entry.at_ms, record.entry.fact)
        taken = len(her.scene.records)
        follower = Follower.resumed_at(follower.standing(), typed)
        her.answer(taken * 20 * SECOND, "text", value)
    assert follower.course(her.scene.now_ms).questions["text"].changes == 0
    assert her.course(her.scene.now_ms - T0).questions["text"].changes == 0


def test_a_device_that_takes_over_loses_nothing() -> None:
    scene = Scene()
    her = Sitting(scene)
    scene.at(10 * SECOND).facts(Connect(CANDIDATE, "c9", "tests/1", "another", 1, True))
    assert (her.course(MINUTE).losses, her.course(MINUTE).away) == (0, [])
