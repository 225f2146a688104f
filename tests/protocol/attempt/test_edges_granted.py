"""What is granted, and when an attempt may begin: these tables of docs/rules.md are run as they stand there, each
boundary at -1, 0 and +1 ms."""

from collections.abc import Callable
from typing import Final, NamedTuple

import pytest

from protocol.attempt.commands import AnyCommand, Begin, Grant, HandIn, Steer
from protocol.attempt.facts import Absent, Overran, tag_of
from protocol.attempt.model import Status
from protocol.codes import Code
from protocol.errors import Refusal
from protocol.messages.staff import AccommodateAttempt
from protocol.override import Override
from protocol.rules.overrides import resolve
from tests.protocol.attempt.edges import (
    NEVER,
    NOTHING,
    instant,
    ms,
    override_of,
    overrides_of,
    rules_of,
    section_layout,
    span,
    table,
)
from tests.protocol.attempt.scene import CANDIDATE, HOUR, IDENTITY, INSTRUCTOR, SYSTEM, T0, Scene

GRACE: Final = 2_000
FOR_GOOD: Final = 1_000 * HOUR
"""So late that "never" is true."""
Row = dict[str, str]


class Event(NamedTuple):
    """Something that happens to the attempt at an instant."""

    at: int
    command: Callable[[Scene], AnyCommand]


def granted_at_first(row: Row, scene: Scene) -> Scene:
    """What she has before she begins."""
    given = resolve(override_of(row["her own"]), Override(), overrides_of(row["her groups"]))
    scene.offer(Grant(SYSTEM, given, "her overrides"))
    return scene


def later(row: Row) -> Event:
    """What she is granted afterwards, by the system or by staff."""
    when, _, what = row["later"].partition(": ")
    given = resolve(override_of(what), Override(), overrides_of(row["her groups"]))
    if when.endswith(" by staff"):
        order = AccommodateAttempt("stricter", IDENTITY.attempt_id, None, "agreed", may_shorten=True)
        return Event(ms(when), lambda scene: Steer(INSTRUCTOR, order, accommodation=given))
    return Event(ms(when), lambda scene: Grant(SYSTEM, given, "her overrides"))


def sat(row: Row, until: int) -> Scene:
    """The attempt as it is just before `until`."""
    scene = Scene(grace_ms=GRACE, layout=section_layout(row["section"]), **rules_of(row["test"]))
    granted_at_first(row, scene)
    events = [Event(ms(row["begins"]), lambda scene: Begin(CANDIDATE, 0))]
    if row["paused"] != NOTHING:
        began, ended = span(row["paused"])
        events += [Event(began, Scene.pause), Event(ended, Scene.resume)]
    if row["later"] != NOTHING:
        events.append(later(row))
    for event in sorted(events, key=lambda one: one.at):
        if event.at < until:
            scene.wake_at(event.at)
            scene.facts(event.command(scene))
    return scene


CASES: Final = [pytest.param(row, id=row["case"]) for row in table("granted")]
STARTS: Final = [pytest.param(row, id=row["case"]) for row in table("begins")]


def accepted_around(row: Row, column: str, command: Callable[[Scene], AnyCommand]) -> list[bool]:
    """Whether it is accepted a millisecond before the instant of the column, at it, and a millisecond after."""
    last = FOR_GOOD if row[column] == NEVER else ms(row[column])
    scenes = [(sat(row, last), last + off) for off in (-1, 0, 1)]
    return [not isinstance(scene.at(at).offer(command(scene)), Refusal) for scene, at in scenes]


@pytest.mark.parametrize("row", CASES)
def test_answers_are_accepted_until_then(row: Row) -> None:
    ends = row["last answer"] != NEVER
    assert accepted_around(row, "last answer", lambda scene: scene.answer(1)) == [True, not ends, not ends]


@pytest.mark.parametrize("row", CASES)
def test_handing_in_is_accepted_until_then(row: Row) -> None:
    ends = row["last hand-in"] != NEVER
    assert accepted_around(row, "last hand-in", lambda scene: HandIn(CANDIDATE, 0)) == [True, not ends, not ends]


@pytest.mark.parametrize("off_ms", [-1, 0, 1])
@pytest.mark.parametrize("row", CASES)
def test_it_ends_then_and_so(row: Row, off_ms: int) -> None:
    last = instant(row["last hand-in"])
    scene = sat(row, last or FOR_GOOD)
    facts = scene.wake_at((last or FOR_GOOD) + off_ms)
    ends = [(tag_of(fact), getattr(fact, "at_ms", 0) - T0) for fact in facts]
    if last is None:
        assert scene.status() is Status.IN_PROGRESS
        assert row["ends as"] == NOTHING
    else:
        assert ((row["ends as"], last - GRACE) in ends) is (off_ms >= 0), ends
        assert (scene.attempt.ended_as is not None) is (off_ms >= 0)


@pytest.mark.parametrize("row", CASES)
def test_that_time_is_over_is_recorded_then_and_once(row: Row) -> None:
    instants = [] if row["time is over"] in (NOTHING, NEVER) else [ms(one) for one in row["time is over"].split(", ")]
    end = instant(row["last hand-in"]) or FOR_GOOD
    scene = sat(row, end)
    for off_ms in (-1, 0, 1):
        for at in instants[-1:]:
            told = [fact for fact in scene.wake_at(at + off_ms) if isinstance(fact, Overran)]
            assert told == ([Overran(T0 + at)] if off_ms == 0 else [])
    scene.wake_at(end)
    assert overruns(scene) == [Overran(T0 + at) for at in instants]


@pytest.mark.parametrize("row", CASES)
def test_whoever_wakes_late_records_the_same(row: Row) -> None:
    last = instant(row["last hand-in"])
    scene = sat(row, last or FOR_GOOD)
    scene.wake_at(FOR_GOOD)
    assert scene.attempt.ended_at_ms == (None if last is None else T0 + last - GRACE)
    if row["time is over"] not in (NOTHING, NEVER):
        assert overruns(scene)[-1] == Overran(T0 + ms(row["time is over"].rpartition(", ")[2]))


def overruns(scene: Scene) -> list[Overran]:
    """What is on record of times that were over."""
    return [record.entry.fact for record in scene.records if isinstance(record.entry.fact, Overran)]


@pytest.mark.parametrize("row", STARTS)
def test_an_attempt_begins_from_then_until_then(row: Row) -> None:
    first, last = ms(row["from"]), instant(row["until"])

    def offered(at: int) -> Code | None:
        scene = granted_at_first(row, Scene(**rules_of(row["test"])))
        decision = scene.at(at).offer(Begin(CANDIDATE, 0))
        return decision.code if isinstance(decision, Refusal) else None

    around_first = [offered(first + off) for off in (-1, 0, 1)]
    assert around_first == [Code.NOT_OPEN_YET if first else None, None, None]
    around_last = [offered((last or FOR_GOOD) + off) for off in (-1, 0, 1)]
    assert around_last == [None, *([Code.WINDOW_CLOSED if last else None] * 2)]


@pytest.mark.parametrize("off_ms", [-1, 0, 1])
@pytest.mark.parametrize("row", STARTS)
def test_whoever_has_not_begun_by_then_was_absent(row: Row, off_ms: int) -> None:
    last = instant(row["until"])
    scene = granted_at_first(row, Scene(**rules_of(row["test"])))
    facts = scene.wake_at((last or FOR_GOOD) + off_ms)
    assert facts == ([Absent(T0 + last)] if last is not None and off_ms >= 0 else [])


def test_the_tables_are_whole() -> None:
    rows = table("granted")
    for column in ("her own", "her groups", "later", "begins", "paused", "section", "time is over", "ends as"):
        assert len({row[column] for row in rows}) > 1, column
    for word in ("soft", "synchronised", "closes", "hand_in", "none"):
        assert any(word in row["test"] for row in rows), word
    assert len({row["case"] for row in rows}) == len(rows)
