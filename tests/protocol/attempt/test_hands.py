"""A candidate raises her hand, staff have seen it, and it goes down with her or with the end."""

import pytest

from protocol.attempt import view
from protocol.attempt.commands import HandIn, Steer
from protocol.attempt.facts import HandAcknowledged, HandRaised
from protocol.attempt.model import OPEN, Hand, Status
from protocol.codes import Code
from protocol.messages.operations import RaiseHand
from protocol.messages.staff import AcknowledgeHand
from tests.protocol.attempt.scene import CANDIDATE, HOUR, IDENTITY, INSTRUCTOR, MINUTE, Scene, scene_in


def seen(command_id: str = "seen") -> Steer:
    return Steer(INSTRUCTOR, AcknowledgeHand(command_id, IDENTITY.attempt_id, ""))


def hand(scene: Scene) -> Hand | None:
    return scene.attempt.hand


def raise_hand(scene: Scene, n: int, raised: bool = True) -> list[object]:
    return list(scene.facts(scene.operate(RaiseHand(n, raised, 0))))


@pytest.mark.parametrize("status", sorted(OPEN))
def test_a_hand_goes_up_is_seen_and_goes_down(status: Status) -> None:
    scene = scene_in(status).at(10 * MINUTE)
    n = scene.attempt.last_n
    assert raise_hand(scene, n + 1) == [HandRaised(n + 1, True, 0)]
    assert hand(scene) is Hand.RAISED
    assert scene.facts(seen()) == [HandAcknowledged("seen", "")]
    assert hand(scene) is Hand.ACKNOWLEDGED
    assert scene.refusal(seen("again")) is Code.NO_HAND
    assert scene.facts(seen()) == [], "the same command again is done already"
    raise_hand(scene, n + 2)
    assert hand(scene) is Hand.RAISED, "she still needs somebody"
    raise_hand(scene, n + 3, raised=False)
    assert (hand(scene), scene.refusal(seen("late"))) == (None, Code.NO_HAND)
    assert scene.attempt.status is status


def test_page_and_row_say_it() -> None:
    scene = Scene().started()
    raise_hand(scene, 1)
    assert (view.state(scene.attempt).hand, view.row(scene.attempt, "", "", None, 0).hand) == ("raised", "raised")


def test_it_is_no_answer_and_may_come_in_the_grace() -> None:
    scene = Scene().started().at(HOUR + 1_999)
    raise_hand(scene, 1)
    assert scene.attempt.hand is Hand.RAISED


@pytest.mark.parametrize(("cancelled", "code"), [(False, Code.ALREADY_SUBMITTED), (True, Code.CANCELLED)])
def test_an_end_lowers_it(cancelled: bool, code: Code) -> None:
    scene = Scene().started()
    raise_hand(scene, 1)
    scene.facts(scene.cancel() if cancelled else HandIn(CANDIDATE, 0))
    assert scene.attempt.hand is None
    assert scene.refusal(scene.operate(RaiseHand(2, True, 0))) is code
    assert scene.refusal(seen()) is code


def test_only_staff_say_that_they_have_seen_it() -> None:
    scene = Scene().started()
    raise_hand(scene, 1)
    assert scene.refusal(Steer(CANDIDATE, AcknowledgeHand("c", IDENTITY.attempt_id, ""))) is Code.FORBIDDEN
