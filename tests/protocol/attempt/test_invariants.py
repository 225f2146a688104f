"""What must hold of every record that is written: each broken by hand. `Scene` checks it for all other tests."""

import pytest
from msgspec.structs import replace

from protocol.attempt.evolve import fold
from protocol.attempt.invariants import check
from protocol.attempt.model import Attempt, Clock, Scope, Status
from tests.protocol.attempt.scene import MINUTE, T0, Scene

RUNNING = Clock(Scope.TEST, None, T0 + MINUTE, None)


def broken(scene: Scene, before: Attempt | None = None, **changed: object) -> str:
    """What is said where the state after the scene's last record is another; `before`: also that before it."""
    former, record = fold(scene.records[:-1]), scene.records[-1]
    assert former is not None
    check(former, record, scene.attempt)
    with pytest.raises(AssertionError) as raised:
        check(before or former, record, replace(scene.attempt, **changed))
    return str(raised.value).partition("\n")[0]


def before(scene: Scene, **changed: object) -> Attempt:
    """Another state before the scene's last record."""
    former = fold(scene.records[:-1])
    assert former is not None
    return replace(former, **changed)


def test_records_are_numbered_without_a_gap() -> None:
    scene = Scene().started()
    assert broken(scene, seq=7) == "records are numbered without a gap"
    assert broken(scene, before(scene, seq=7)) == "records are numbered without a gap"
    assert broken(scene, head=b"another") == "the head is the newest record"


def test_numbers_rise() -> None:
    scene = Scene().started()
    scene.facts(scene.answer(5))
    scene.facts(scene.answer(6))
    assert broken(scene, last_n=4) == "the numbers of operations rise"


def test_only_what_the_table_allows_follows_an_end() -> None:
    scene = Scene().started().submitted()
    assert broken(scene, before(scene, status=Status.COMPLETED)) == "no submitted from completed"
    assert broken(scene, before(scene, erased=True)) == "nothing follows an erasure"
    assert broken(scene, ended_at_ms=None) == "an end says when and how"
    assert broken(scene, clocks=(RUNNING,)) == "no clock outlives the end"


def test_a_clock_runs_or_stands_and_never_from_before_the_start() -> None:
    scene = Scene().at(MINUTE).started()
    early, both, neither = (
        replace(RUNNING, deadline_ms=T0),
        replace(RUNNING, left_ms=1),
        replace(RUNNING, deadline_ms=None),
    )
    assert broken(scene, clocks=(early,)) == "no deadline lies before the start"
    assert broken(scene, clocks=(both,)) == broken(scene, clocks=(neither,)) == "a clock runs or stands"
    assert broken(scene, clocks=(replace(neither, left_ms=-1),)) == "nobody has less than no time left"
    assert broken(scene, started_at_ms=None) == "no clock begins before the start"


def test_one_clock_ends_the_attempt() -> None:
    """With two, answers were refused from the first deadline on, while the attempt stayed open until the second."""
    scene = Scene().started()
    window = replace(RUNNING, scope=Scope.WINDOW)
    assert broken(scene, clocks=(RUNNING, window)) == "one clock ends the attempt"


def test_a_pause_stops_every_clock() -> None:
    scene = Scene().started()
    scene.facts(scene.pause())
    assert broken(scene, clocks=(RUNNING,)) == "a pause stops every clock"
    assert broken(scene, pause=None) == "a pause says since when"
