"""What is true after each fact."""

import pytest

from protocol import limits
from protocol.attempt.answers import Saved
from protocol.attempt.chain import seal
from protocol.attempt.commands import Create
from protocol.attempt.decide import create
from protocol.attempt.evolve import evolve, fold
from protocol.attempt.facts import Connected, Created, Disconnected, Moved
from protocol.attempt.model import Accommodation, Status
from protocol.attempt.visits import read_visits
from protocol.messages.operations import Flag, Progress, Receipt
from tests.protocol.attempt.scene import (
    CANDIDATE,
    HOUR,
    IDENTITY,
    KEY,
    MINUTE,
    SEED,
    SERVICE,
    SYSTEM,
    T0,
    Scene,
    scene_in,
)


def test_the_first_record_makes_the_attempt() -> None:
    (record,) = create(Create(SERVICE, IDENTITY, SEED, Accommodation(7), KEY), T0)
    attempt = evolve(None, record)
    assert (attempt.seq, attempt.head, attempt.created_at_ms) == (1, record.hash, T0)
    assert (attempt.identity, attempt.seed, attempt.accommodation) == (IDENTITY, SEED, Accommodation(7))
    assert (attempt.status, attempt.terms, attempt.test_version, attempt.layout) == (Status.INITIATED, None, None, None)


def test_a_log_begins_once_and_has_no_gap() -> None:
    scene = Scene()
    moved = seal(scene.attempt.head, KEY, 1, T0, CANDIDATE, Moved(1, 1, 0))
    with pytest.raises(ValueError, match="cannot be the first"):
        evolve(None, moved)
    with pytest.raises(ValueError, match="record 1 does not follow record 1"):
        evolve(scene.attempt, moved)
    with pytest.raises(ValueError, match="record 3 does not follow record 1"):
        evolve(scene.attempt, seal(scene.attempt.head, KEY, 3, T0, CANDIDATE, Moved(1, 1, 0)))
    with pytest.raises(ValueError, match="record 2 creates an attempt that exists"):
        evolve(scene.attempt, seal(scene.attempt.head, KEY, 2, T0, SYSTEM, Created(IDENTITY, SEED, Accommodation())))
    late = seal(b"", KEY, 2, T0, SYSTEM, Created(IDENTITY, SEED, Accommodation()))
    with pytest.raises(ValueError, match="record 2 cannot be the first"):
        evolve(None, late)


def test_folding_in_two_parts_is_folding() -> None:
    scene = Scene().connected().started().submitted()
    whole = fold(scene.records)
    assert whole == fold(scene.records[2:], fold(scene.records[:2])) == scene.attempt
    assert fold([]) is None


def test_the_last_answer_counts_and_nil_takes_it_back() -> None:
    scene = Scene().started()
    scene.at(100).facts(scene.answer(1, "a"))
    scene.at(200).facts(scene.answer(2, "b"))
    scene.at(300).facts(scene.answer(3, ["a", "b"], "multiple"))
    assert dict(scene.attempt.answers.items()) == {
        "single": Saved("b", 2, T0 + 200),
        "multiple": Saved(["a", "b"], 3, T0 + 300),
    }
    scene.facts(scene.answer(4, None, "single"))
    scene.facts(scene.answer(5, None, "text"))
    assert set(scene.attempt.answers) == {"multiple"}
    assert scene.attempt.last_n == 5


def test_an_older_state_is_not_touched_by_what_follows() -> None:
    scene = Scene().started()
    scene.facts(scene.answer(1, "a"))
    before = scene.attempt
    scene.facts(scene.answer(2, None))
    assert before.answers["single"].value == "a"


def test_flags() -> None:
    scene = Scene().started()
    for n, (question_id, flagged) in enumerate(
        [("text", True), ("single", True), ("text", True), ("single", False), ("essay", False)], start=1
    ):
        scene.facts(scene.operate(Flag(n, question_id, flagged, 0)))
    assert scene.attempt.flagged == ("text",)


def test_visits_keep_the_newest() -> None:
    scene = Scene().started()
    for n in range(1, limits.MAX_HISTORY + 10):
        scene.at(n).facts(scene.operate(Progress(n, n % 6, 0)))
    visits = read_visits(scene.attempt.visits)
    assert len(visits) == limits.MAX_HISTORY
    assert visits[-1] == ((limits.MAX_HISTORY + 9) % 6, T0 + limits.MAX_HISTORY + 9)
    assert scene.attempt.question_index == visits[-1][0]


def test_a_message_is_queued_delivered_seen_and_never_unseen_again() -> None:
    scene = Scene().started()
    scene.facts(scene.message("one"))
    scene.facts(scene.message("two"))
    marks = []
    for n, seen in enumerate([False, True, False], start=1):
        scene.facts(scene.operate(Receipt(n, "command-1", seen, 0)))
        marks.append((scene.attempt.messages[0].delivered, scene.attempt.messages[0].seen))
    assert marks == [(True, False), (True, True), (True, True)]
    assert (scene.attempt.messages[1].delivered, scene.attempt.messages[1].text) == (False, "two")


def test_only_the_connection_in_force_can_go() -> None:
    scene = Scene().connected("c1")
    for fact, connection_id in (
        (Disconnected("c0", 0), "c1"),
        (Connected("c2", "x", "d", 1, "", "", None, None), "c2"),
        (Disconnected("c2", 0), None),
    ):
        record = seal(scene.attempt.head, KEY, scene.attempt.seq + 1, T0, CANDIDATE, fact)
        scene.attempt = evolve(scene.attempt, record)
        assert scene.attempt.connection_id == connection_id


def test_an_end_leaves_no_clock_and_a_reference() -> None:
    for scene in (scene_in(Status.SUBMITTED), scene_in(Status.EXPIRED), scene_in(Status.CANCELLED)):
        attempt = scene.attempt
        assert attempt.test_clock.deadline_ms is None
        assert attempt.closes_at_ms is None
        assert attempt.pause is None
        assert attempt.ended_at_ms == T0 + MINUTE
        assert attempt.ended_as is attempt.status
        assert attempt.reference is not None
    from_pause = scene_in(Status.PAUSED)
    from_pause.facts(from_pause.cancel(said="void"))
    assert from_pause.attempt.pause is None
    assert from_pause.attempt.end_said == "void"


def warned(scene: Scene) -> tuple[int, ...]:
    return scene.attempt.test_clock.warned


def test_warnings_are_given_once_and_come_back_after_an_extension() -> None:
    scene = Scene().started()
    assert warned(scene) == ()
    scene.wake_at(55 * MINUTE)
    assert warned(scene) == (5 * MINUTE,)
    scene.wake_at(59 * MINUTE)
    assert warned(scene) == (5 * MINUTE, MINUTE)
    scene.facts(scene.extend(3 * MINUTE))
    assert warned(scene) == (5 * MINUTE,)
    scene.facts(scene.extend(10 * MINUTE))
    assert warned(scene) == ()


def test_a_warning_makes_the_longer_ones_moot() -> None:
    scene = Scene().started()
    scene.wake_at(59 * MINUTE + 1)
    assert warned(scene) == (5 * MINUTE, MINUTE)


@pytest.mark.parametrize("duration_ms", [4 * MINUTE, 5 * MINUTE])
def test_a_short_test_does_not_begin_with_a_warning(duration_ms: int) -> None:
    scene = Scene(duration_ms=duration_ms).started()
    assert warned(scene) == (5 * MINUTE,)


def test_a_clock_that_resumes_knows_which_warnings_lie_ahead() -> None:
    scene = Scene().started()
    scene.wake_at(56 * MINUTE)
    scene.facts(scene.pause())
    scene.at(2 * HOUR).facts(scene.resume())
    assert warned(scene) == (5 * MINUTE,)
    scene.wake_at(2 * HOUR + 3 * MINUTE)
    assert warned(scene) == (5 * MINUTE, MINUTE)
