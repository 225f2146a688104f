"""The table is total. Every edge is taken by its command, and every command off the table is refused by name."""

from collections.abc import Callable
from typing import get_args

import pytest

from protocol.attempt.commands import AnyCommand, Begin, DecideLate, HandIn, MarkByHand, Regrade, Wake
from protocol.attempt.decisions.rules import barred, next_record
from protocol.attempt.facts import Fact, Moved, Submitted, tag_of
from protocol.attempt.kind import Kind, Trait
from protocol.attempt.kinds import ASKED, EDGES, KIND_OF, KINDS
from protocol.attempt.model import ENDED, OPEN, Status
from protocol.codes import Code
from protocol.messages.operations import Operation, Start, Submit
from protocol.messages.staff import StaffCommand
from tests.protocol.attempt.scene import CANDIDATE, HOUR, INSTRUCTOR, MINUTE, SYSTEM, Scene, scene_in

Maker = Callable[[Scene], AnyCommand]

BEGIN: Maker = lambda scene: Begin(CANDIDATE, 0)  # noqa: E731
HAND_IN: Maker = lambda scene: HandIn(CANDIDATE, 0)  # noqa: E731
I, R, P = Status.INITIATED, Status.IN_PROGRESS, Status.PAUSED  # noqa: E741
S, E, X, C, A = Status.SUBMITTED, Status.EXPIRED, Status.CANCELLED, Status.COMPLETED, Status.ABSENT
D = Status.ABANDONED


def time_is_up(scene: Scene) -> AnyCommand:
    """An hour after the start and the grace."""
    scene.at(HOUR + 2_000)
    return Wake(SYSTEM)


TAKEN: list[tuple[Status, Maker, Status]] = [
    (I, BEGIN, R),
    (R, Scene.pause, P),
    (P, Scene.resume, R),
    (R, HAND_IN, S),
    (R, time_is_up, E),
    (I, Scene.cancel, X),
    (R, Scene.cancel, X),
    (P, Scene.cancel, X),
    (S, Scene.assess, C),
    (E, Scene.assess, C),
    (S, Scene.reopen, R),
    (E, Scene.reopen, R),
    (C, Scene.reopen, R),
    (D, Scene.reopen, R),
    *[(status, Scene.reopen_on_return, P) for status in (S, E, C, D)],
    (D, Scene.accept, S),
]

REINSTATED: list[tuple[Status, Status, bool]] = [
    (I, I, False),
    (I, I, True),
    (R, R, False),
    (R, P, True),
    (P, P, False),
    (P, P, True),
]
"""(what it was when it was cancelled, what it is then, whether the clocks wait for the candidate)"""

REFUSED: list[tuple[Status, Maker, Code]] = [
    (S, BEGIN, Code.ALREADY_SUBMITTED),
    (E, BEGIN, Code.DEADLINE_PASSED),
    (X, BEGIN, Code.CANCELLED),
    (C, BEGIN, Code.ALREADY_SUBMITTED),
    (I, HAND_IN, Code.NOT_STARTED),
    (P, HAND_IN, Code.PAUSED),
    (I, Scene.pause, Code.NOT_STARTED),
    (P, Scene.pause, Code.PAUSED),
    (S, Scene.pause, Code.ALREADY_SUBMITTED),
    (E, Scene.pause, Code.DEADLINE_PASSED),
    (X, Scene.pause, Code.CANCELLED),
    (C, Scene.pause, Code.ALREADY_SUBMITTED),
    *[(status, Scene.resume, Code.NOT_PAUSED) for status in Status if status is not P],
    (I, Scene.end, Code.NOT_STARTED),
    (S, Scene.end, Code.ALREADY_SUBMITTED),
    (E, Scene.end, Code.DEADLINE_PASSED),
    (X, Scene.end, Code.CANCELLED),
    (C, Scene.end, Code.ALREADY_SUBMITTED),
    (S, Scene.cancel, Code.ALREADY_SUBMITTED),
    (E, Scene.cancel, Code.DEADLINE_PASSED),
    (X, Scene.cancel, Code.CANCELLED),
    (C, Scene.cancel, Code.ALREADY_SUBMITTED),
    (I, Scene.reopen, Code.NOT_ENDED),
    (R, Scene.reopen, Code.NOT_ENDED),
    (P, Scene.reopen, Code.NOT_ENDED),
    (X, Scene.reopen, Code.CANCELLED),
    *[(status, Scene.reopen_on_return, Code.NOT_ENDED) for status in (I, R, P)],
    (X, Scene.reopen_on_return, Code.CANCELLED),
    *[(status, Scene.reinstate, Code.NOT_CANCELLED) for status in Status if status not in (X, A)],
    (A, Scene.reinstate, Code.WINDOW_CLOSED),
    *[(status, Scene.accept, Code.NOT_ABANDONED) for status in Status if status is not D],
    *[(D, maker, Code.ABANDONED) for maker in (BEGIN, Scene.pause, Scene.end, Scene.cancel)],
    *[(A, maker, Code.ABSENT) for maker in (BEGIN, Scene.pause, Scene.end, Scene.cancel, Scene.reopen)],
    (A, Scene.reopen_on_return, Code.ABSENT),
]

NOTHING: list[tuple[Status, Maker]] = [
    (R, BEGIN),
    (P, BEGIN),
    (S, HAND_IN),
    (E, HAND_IN),
    (X, HAND_IN),
    (C, HAND_IN),
    (A, HAND_IN),
    (D, HAND_IN),
    (D, Scene.assess),
    (A, Scene.assess),
    (I, Scene.assess),
    (R, Scene.assess),
    (P, Scene.assess),
    (X, Scene.assess),
    (C, Scene.assess),
    *[(status, time_is_up) for status in Status if status is not R],
]
"""What is already so, or no longer matters, is answered as done and changes nothing."""

COLLECTED = [R, P]
"""From here staff collect the paper: the clock runs, and is at its end."""

BY_NUMBER: dict[str, Callable[[Scene], AnyCommand]] = {
    "start": lambda scene: scene.operate(Start(1, None, 0)),
    "submit": lambda scene: scene.operate(Submit(1, 0)),
}


def test_the_cases_below_are_the_whole_table() -> None:
    back = {(X, target) for _, target, _ in REINSTATED} | {(A, I)}
    by_rule = {(I, A), (R, D), (P, E)}
    assert {(origin, target) for origin, _, target in TAKEN} | back | by_rule == set(EDGES)
    makers = {
        BEGIN,
        HAND_IN,
        Scene.pause,
        Scene.resume,
        Scene.end,
        Scene.cancel,
        Scene.reopen,
        Scene.reopen_on_return,
        Scene.reinstate,
        Scene.accept,
        Scene.assess,
        time_is_up,
    }
    cases = [(origin, maker) for origin, maker, _ in TAKEN]
    cases += [(origin, maker) for origin, maker, _ in REFUSED]
    cases += NOTHING
    cases += [(origin, Scene.end) for origin in COLLECTED]
    cases.append((X, Scene.reinstate))
    assert len(cases) == len(set(cases)) == len(makers) * len(Status)


@pytest.mark.parametrize(("origin", "maker", "target"), TAKEN)
def test_an_edge_is_taken_by_the_fact_in_the_table(origin: Status, maker: Maker, target: Status) -> None:
    scene = scene_in(origin)
    (fact,) = scene.facts(maker(scene))
    assert tag_of(fact) == EDGES[origin, target]
    assert scene.attempt.status is target


@pytest.mark.parametrize(("before", "target", "on_return"), REINSTATED)
def test_what_is_reinstated_is_what_it_was(before: Status, target: Status, on_return: bool) -> None:
    scene = scene_in(before)
    scene.facts(scene.cancel())
    (fact,) = scene.facts(scene.reinstate(on_return))
    assert tag_of(fact) == EDGES[X, target]
    assert scene.attempt.status is target


@pytest.mark.parametrize("origin", COLLECTED)
def test_a_collected_paper_is_in_progress_until_the_grace_is_over(origin: Status) -> None:
    scene = scene_in(origin)
    assert tag_of(scene.facts(scene.end())[-1]) == "collected"
    assert scene.status() is R
    scene.wake_at(MINUTE + 2_000)
    assert scene.status() is E


@pytest.mark.parametrize(("origin", "maker", "code"), REFUSED)
def test_what_is_not_in_the_table_is_refused_by_name(origin: Status, maker: Maker, code: Code) -> None:
    scene = scene_in(origin)
    assert scene.refusal(maker(scene)) is code


@pytest.mark.parametrize(("origin", "maker"), NOTHING)
def test_what_is_already_so_changes_nothing(origin: Status, maker: Maker) -> None:
    scene = scene_in(origin)
    assert scene.facts(maker(scene)) == []
    assert scene.attempt.status is origin


@pytest.mark.parametrize(
    ("name", "origin", "code"),
    [
        ("start", R, Code.ALREADY_STARTED),
        ("start", P, Code.ALREADY_STARTED),
        ("start", S, Code.ALREADY_SUBMITTED),
        ("start", E, Code.DEADLINE_PASSED),
        ("start", X, Code.CANCELLED),
        ("start", C, Code.ALREADY_SUBMITTED),
        ("submit", I, Code.NOT_STARTED),
        ("submit", P, Code.PAUSED),
    ],
)
def test_numbered_starts_and_submissions_follow_the_same_table(name: str, origin: Status, code: Code) -> None:
    scene = scene_in(origin)
    assert scene.refusal(BY_NUMBER[name](scene)) is code


@pytest.mark.parametrize("origin", sorted(ENDED))
def test_a_numbered_submission_of_an_ended_attempt_is_a_repetition(origin: Status) -> None:
    scene = scene_in(origin)
    for n in (1, 65, 20_001):
        assert scene.facts(scene.operate(Submit(n, 0))) == []


def test_numbered_edges() -> None:
    scene = Scene()
    scene.facts(scene.operate(Start(1, None, 0)))
    assert scene.attempt.status is R
    scene.facts(scene.operate(Submit(2, 0)))
    assert scene.attempt.status is S


@pytest.mark.parametrize("status", [status for status in Status if status is not R])
def test_a_wake_takes_no_edge_where_no_clock_runs(status: Status) -> None:
    scene = scene_in(status)
    assert scene.wake_at(48 * HOUR) == []


def test_a_wake_takes_the_running_clock_over_its_edge() -> None:
    scene = scene_in(R).at(48 * HOUR)
    assert [tag_of(fact) for fact in scene.facts(Wake(SYSTEM))] == ["expired"]
    assert scene.attempt.status is E


@pytest.mark.parametrize("status", Status)
def test_open_and_ended_are_the_two_halves(status: Status) -> None:
    assert (status in OPEN) is not (status in ENDED)
    assert any(origin is status for origin, _ in EDGES) is True


def of(kind: Kind) -> str:
    return kind.tag


def test_every_fact_has_a_row() -> None:
    missing = {fact.__name__ for fact in Fact.__subclasses__()} - {fact.__name__ for fact in KIND_OF}
    assert not missing, f"no row in kinds.py for {missing}"
    assert len(KIND_OF) == len(KINDS) == len({kind.tag for kind in KINDS})


def test_every_operation_and_command_asks_for_one_kind_of_fact() -> None:
    messages = {*get_args(Operation), *get_args(StaffCommand), MarkByHand, Regrade, DecideLate}
    missing = {message.__name__ for message in messages - set(ASKED)}
    assert not missing, f"no kind in kinds.py is asked for by {missing}"
    assert set(ASKED) == messages
    assert len(ASKED) == len([kind for kind in KINDS if kind.asked is not None])


@pytest.mark.parametrize("kind", ASKED.values(), ids=of)
@pytest.mark.parametrize("status", Status)
def test_whoever_asks_off_the_table_is_refused_by_name(kind: Kind, status: Status) -> None:
    refusal = barred(scene_in(status).attempt, kind, 0)
    assert (refusal is None) is (status in kind.origins)


WHAT_A_MARKER_SAW = ("max_mpt", "min_mpt", "seen_mpt", "key_version", "rubric")
"""Her mark is held against it, and recorded as a share of it."""


@pytest.mark.parametrize("kind", KINDS, ids=of)
def test_a_row_contradicts_neither_its_fact_nor_itself(kind: Kind) -> None:
    fields = kind.fact.__struct_fields__
    assert not (kind.numbered and kind.commanded)
    if kind.asked is not None:
        asked = kind.asked.__struct_fields__  # type: ignore[attr-defined]
        assert kind.numbered is ("n" in asked)
        assert kind.commanded is ("command_id" in asked)
        # What a person asked for is in the log, all of it but the access code: whoever reads the log must not learn it.
        asked = tuple(name for name in asked if name != "access_code")
        assert set(asked) - {"attempt_id", "by", "seen_seq", *WHAT_A_MARKER_SAW} <= set(fields)
        if kind.numbered:
            # The start adds what it pins.
            assert asked == fields[: len(asked)], "decisions.candidate makes the fact of the operation's fields"
        assert kind.reasoned <= ("reason" in asked)
    else:
        assert not kind.reasoned
        assert not kind.refusals
    assert kind.hot <= (kind.numbered and not kind.projected)
    assert not (kind.hot and kind.topic), "nothing is told of an answer in its transaction"
    assert (kind.target is not None or bool(kind.returns)) <= kind.projected, "the projection has the status"
    assert kind.target is None or not kind.returns
    assert kind.shown <= kind.projected
    assert not (kind.marks_due and kind.marks_off)


def test_every_trait_is_of_use() -> None:
    assert all(any(trait in kind.traits for kind in KINDS) for trait in Trait)
    assert not any(trait is not Trait.NONE and all(trait in kind.traits for kind in KINDS) for trait in Trait)


def test_what_the_table_forbids_gets_into_no_log() -> None:
    attempt = scene_in(P).attempt
    with pytest.raises(AssertionError, match="no submitted from paused"):
        next_record(attempt, CANDIDATE, 0, Submitted(1, 0))
    with pytest.raises(AssertionError, match="no moved by instructor"):
        next_record(attempt, INSTRUCTOR, 0, Moved(1, 1, 0))
