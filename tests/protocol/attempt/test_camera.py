"""Pictures from the camera: nobody begins without having agreed where they are required, and whoever takes an
agreement back goes on."""

from typing import Any

import pytest
from msgspec.structs import replace

from protocol.attempt import view
from protocol.attempt.commands import Begin, Grant
from protocol.attempt.facts import CameraAgreed, Observed
from protocol.attempt.model import Accommodation, Status
from protocol.codes import Code
from protocol.integrity.camera import Camera, stands
from protocol.integrity.watches import Watch
from protocol.messages.operations import AgreeCamera
from tests.protocol.attempt.scene import CANDIDATE, MINUTE, SERVICE, SYSTEM, T0, Scene

CAMERA = Camera("required", 30_000, 30)
ENDED = Watch("camera_ended"), Watch("camera_withdrawn", alert_from=1)


def say(scene: Scene, agreed: bool = True, every_ms: int = 30_000, keep_days: int = 30) -> list[object]:
    n = scene.attempt.last_n + 1
    return list(scene.facts(scene.operate(AgreeCamera(n, agreed, every_ms, keep_days, 0), "c1")))


def asked(camera: Camera = CAMERA, **terms: Any) -> Scene:
    return Scene(camera=camera, watches=ENDED, **terms).connected()


def test_where_they_are_required_nobody_begins_without_having_agreed() -> None:
    scene = asked()
    assert scene.refusal(Begin(CANDIDATE, 0)) is Code.CAMERA_REQUIRED
    assert [one.code for one in view.hindrances(scene.attempt, scene.sheet, "", T0)] == ["camera_required"]
    say(scene, agreed=False)
    assert scene.refusal(Begin(CANDIDATE, 0)) is Code.CAMERA_REQUIRED
    assert say(scene) == [CameraAgreed(2, True, 30_000, 30, 0)]
    assert view.hindrances(scene.attempt, scene.sheet, "", T0) == []
    assert scene.started().attempt.status is Status.IN_PROGRESS


def test_where_they_are_offered_she_begins_all_the_same() -> None:
    assert asked(replace(CAMERA, asks="offered")).started().attempt.status is Status.IN_PROGRESS


def test_whoever_acts_for_her_is_asked_for_nothing() -> None:
    scene = asked()
    scene.facts(Begin(SERVICE, 0))
    assert scene.attempt.camera is None


def test_she_agrees_to_what_the_test_asks_for_and_to_nothing_else() -> None:
    scene = asked()
    for other in (AgreeCamera(1, True, 10_000, 30, 0), AgreeCamera(1, True, 30_000, 60, 0)):
        assert scene.refusal(scene.operate(other, "c1")) is Code.CAMERA_NOT_ASKED
    without = Scene().connected()
    assert without.refusal(without.operate(AgreeCamera(1, True, 30_000, 30, 0), "c1")) is Code.CAMERA_NOT_ASKED


def test_what_the_test_asks_for_later_she_has_not_agreed_to() -> None:
    scene = asked()
    say(scene)
    assert stands(scene.attempt.camera, CAMERA)
    scene.sheet = replace(scene.sheet, terms=replace(scene.sheet.terms, camera=replace(CAMERA, keep_days=31)))
    assert scene.refusal(Begin(CANDIDATE, 0)) is Code.CAMERA_REQUIRED


def test_staff_let_in_without_a_camera_who_can_not_or_does_not_want_to() -> None:
    scene = asked()
    scene.facts(Grant(SYSTEM, Accommodation(exempt=("camera_ended",)), "no camera"))
    scene.started()
    assert (scene.attempt.pinned.camera, view.watching(scene.attempt.pinned)) == (
        None,
        view.watching(replace(scene.attempt.pinned, camera=None)),
    )


def test_she_takes_it_back_at_any_time_goes_on_and_staff_are_told_once() -> None:
    scene = asked()
    say(scene)
    scene.started().at(MINUTE)
    taken, noticed, alerted = say(scene, agreed=False)
    assert (taken, noticed) == (
        CameraAgreed(2, False, 30_000, 30, 0),
        Observed(None, "camera_withdrawn", 1, 0, None),
    )
    assert (type(alerted).__name__, scene.status()) == ("Alerted", Status.IN_PROGRESS)
    row = view.row(scene.attempt, "", "", None, 0)
    assert row.camera is not None
    assert (row.camera.agreed, row.camera.at_ms) == (False, T0 + MINUTE)
    assert len(say(scene, agreed=False)) == 1


def test_whoever_has_never_agreed_takes_nothing_back() -> None:
    scene = asked(replace(CAMERA, asks="offered")).started()
    assert len(say(scene, agreed=False)) == 1


@pytest.mark.parametrize("asks", ["offered", "required"])
def test_she_is_told_what_the_test_asks_for(asks: Any) -> None:
    watching = view.watching(asked(replace(CAMERA, asks=asks)).sheet.terms)
    assert watching is not None
    assert watching.camera is not None
    assert (watching.camera.asks, watching.camera.every_ms, watching.camera.keep_days) == (asks, 30_000, 30)
