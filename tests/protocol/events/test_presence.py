"""Absences, by the log alone: from when on one is long, and under which ids it is told."""

from protocol.attempt.facts import Record
from protocol.attempt.model import Attempt
from protocol.events.presence import away, away_before, away_since, returned
from tests.protocol.attempt.scene import T0, Scene

LONG_MS = 120_000


def lost(at_ms: int = 60_000) -> Scene:
    """A candidate who sits, and whose connection is lost."""
    scene = Scene().connected().started()
    scene.at(at_ms)
    scene.facts(scene.disconnect(last_contact_ms=at_ms - 1_000))
    return scene


def back(scene: Scene, at_ms: int) -> tuple[Attempt, Record]:
    scene.at(at_ms)
    scene.facts(scene.connect("c2"))
    return scene.attempt, scene.records[-1]


def test_she_is_away_from_her_last_sign_of_life_on() -> None:
    assert away_since(Scene().connected().started().attempt) is None
    assert away_since(lost(60_000).attempt) == T0 + 59_000


def test_whoever_does_not_sit_is_not_away() -> None:
    before = Scene().connected()
    before.facts(before.disconnect())
    assert away_since(before.attempt) is None
    ended = Scene().connected().started().submitted()
    ended.facts(ended.disconnect())
    assert away_since(ended.attempt) is None


def test_her_return_is_told_if_she_was_away_for_long() -> None:
    assert returned(*back(lost(60_000), 59_000 + LONG_MS - 1), LONG_MS) is None
    event = returned(*back(lost(60_000), 59_000 + LONG_MS), LONG_MS)
    assert event is not None
    assert f'"away_ms":{LONG_MS}'.encode() in event.payload
    # A connection that takes the place of another one ends no absence.
    scene = Scene().connected().started()
    assert returned(*back(scene, 59_000 + LONG_MS), LONG_MS) is None


def test_two_absences_are_two() -> None:
    scene = lost(60_000)
    first = away(scene.attempt, T0 + 59_000, LONG_MS)
    attempt, record = back(scene, 59_000 + LONG_MS)
    event = returned(attempt, record, LONG_MS)
    assert event is not None
    told = away_before(event.payload)
    assert (told.event_id, told.at_ms, told.user_id) == (first.event_id, first.at_ms, first.user_id)
    scene.at(300_000)
    scene.facts(scene.disconnect("c2"))
    since_ms = away_since(scene.attempt)
    assert since_ms == T0 + 300_000
    assert away(scene.attempt, since_ms, LONG_MS).event_id != first.event_id
