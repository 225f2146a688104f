"""Pictures from the camera and of the screen: nobody begins without having agreed where they are required, and whoever
takes an agreement back goes on."""

from typing import Any, get_args

import pytest
from msgspec.structs import replace

from protocol.attempt import view
from protocol.attempt.commands import Begin, Grant
from protocol.attempt.facts import ConsentGiven, Observed
from protocol.attempt.model import Accommodation, Status
from protocol.codes import Code
from protocol.integrity.captures import ENDED, WITHDRAWN, Capture, Says, Source, stands
from protocol.integrity.watches import Watch
from protocol.messages.monitor import RowConsent
from protocol.messages.operations import GiveConsent
from tests.protocol.attempt.scene import CANDIDATE, MINUTE, SERVICE, SYSTEM, T0, Scene

CAMERA = Capture("camera", "required", 30_000, 30)
SCREEN = replace(CAMERA, source="screen", whole_screen=True)
WATCHES = Watch("camera_withdrawn", alert_from=1), Watch("screen_withdrawn", alert_from=1)
each_source = pytest.mark.parametrize("asks", [CAMERA, SCREEN], ids=get_args(Source))


def say(scene: Scene, capture: Capture, says: Says = "agreed") -> list[object]:
    n = scene.attempt.last_n + 1
    consent = GiveConsent(n, capture.source, says, capture.every_ms, capture.keep_days, 0)
    return list(scene.facts(scene.operate(consent, "c1")))


def asked(*captures: Capture, **terms: Any) -> Scene:
    return Scene(captures=captures, watches=WATCHES, **terms).connected()


@each_source
def test_where_they_are_required_nobody_begins_without_having_agreed(asks: Capture) -> None:
    scene = asked(asks)
    assert scene.refusal(Begin(CANDIDATE, 0)) is Code.CONSENT_REQUIRED
    assert [one.code for one in view.hindrances(scene.attempt, scene.sheet, "", T0)] == ["consent_required"]
    for says in ("declined", "unable"):
        say(scene, asks, says)
        assert scene.refusal(Begin(CANDIDATE, 0)) is Code.CONSENT_REQUIRED
    assert say(scene, asks) == [ConsentGiven(3, asks.source, "agreed", 30_000, 30, 0)]
    assert view.hindrances(scene.attempt, scene.sheet, "", T0) == []
    assert scene.started().attempt.status is Status.IN_PROGRESS


def test_each_source_is_agreed_to_on_its_own() -> None:
    scene = asked(CAMERA, SCREEN)
    say(scene, CAMERA)
    assert scene.refusal(Begin(CANDIDATE, 0)) is Code.CONSENT_REQUIRED
    say(scene, SCREEN)
    scene.started()
    say(scene, SCREEN, "declined")
    row = view.row(scene.attempt, "", "", None, 0)
    assert row.consents == [RowConsent("camera", "agreed", T0), RowConsent("screen", "declined", T0)]


@each_source
def test_where_they_are_offered_she_begins_all_the_same(asks: Capture) -> None:
    assert asked(replace(asks, asks="offered")).started().attempt.status is Status.IN_PROGRESS


@each_source
def test_whose_device_can_not_begins_where_the_test_says_so(asks: Capture) -> None:
    capture = replace(asks, asks="if_able")
    scene = asked(capture)
    for says in (None, "declined"):
        if says is not None:
            say(scene, capture, says)
        assert scene.refusal(Begin(CANDIDATE, 0)) is Code.CONSENT_REQUIRED
    say(scene, capture, "unable")
    assert scene.started().attempt.status is Status.IN_PROGRESS


def test_whoever_acts_for_her_is_asked_for_nothing() -> None:
    scene = asked(CAMERA)
    scene.facts(Begin(SERVICE, 0))
    assert scene.attempt.consents == ()


@pytest.mark.parametrize(
    "other",
    [
        GiveConsent(1, "camera", "agreed", 10_000, 30, 0),
        GiveConsent(1, "camera", "agreed", 30_000, 60, 0),
        GiveConsent(1, "screen", "agreed", 30_000, 30, 0),
        GiveConsent(1, "screen", "unable", 30_000, 30, 0),
        GiveConsent(1, "microphone", "declined", 30_000, 30, 0),
        GiveConsent(1, "camera", "perhaps", 30_000, 30, 0),
    ],
)
def test_she_agrees_to_what_the_test_asks_for_and_to_nothing_else(other: GiveConsent) -> None:
    scene = asked(CAMERA)
    assert scene.refusal(scene.operate(other, "c1")) is Code.CONSENT_NOT_ASKED


def test_what_the_test_asks_for_later_she_has_not_agreed_to() -> None:
    scene = asked(CAMERA)
    say(scene, CAMERA)
    assert stands(scene.attempt.consents[0], CAMERA)
    changed = (replace(CAMERA, keep_days=31),)
    scene.sheet = replace(scene.sheet, terms=replace(scene.sheet.terms, captures=changed))
    assert scene.refusal(Begin(CANDIDATE, 0)) is Code.CONSENT_REQUIRED


@each_source
def test_staff_let_in_without_pictures_who_can_not_or_does_not_want_to(asks: Capture) -> None:
    scene = asked(CAMERA, SCREEN)
    scene.facts(Grant(SYSTEM, Accommodation(exempt=(ENDED[asks.source],)), "no device"))
    (other,) = (one for one in (CAMERA, SCREEN) if one != asks)
    say(scene, other)
    assert scene.started().attempt.pinned.captures == (other,)


@each_source
def test_she_takes_it_back_at_any_time_goes_on_and_staff_are_told_once(asks: Capture) -> None:
    scene = asked(asks)
    say(scene, asks)
    scene.started().at(MINUTE)
    taken, noticed, alerted = say(scene, asks, "declined")
    assert (taken, noticed) == (
        ConsentGiven(2, asks.source, "declined", 30_000, 30, 0),
        Observed(None, WITHDRAWN[asks.source], 1, 0, None),
    )
    assert (type(alerted).__name__, scene.status()) == ("Alerted", Status.IN_PROGRESS)
    row = view.row(scene.attempt, "", "", None, 0)
    assert row.consents == [RowConsent(asks.source, "declined", T0 + MINUTE)]
    assert len(say(scene, asks, "declined")) == 1


def test_whoever_has_never_agreed_takes_nothing_back() -> None:
    capture = replace(CAMERA, asks="offered")
    assert len(say(asked(capture).started(), capture, "declined")) == 1


@pytest.mark.parametrize("asks", ["offered", "required", "if_able"])
def test_she_is_told_what_the_test_asks_for(asks: Any) -> None:
    watching = view.watching(asked(replace(SCREEN, asks=asks)).sheet.terms)
    assert watching is not None
    (capture,) = watching.captures
    assert (capture.source, capture.asks, capture.every_ms, capture.keep_days) == ("screen", asks, 30_000, 30)
    assert capture.whole_screen
