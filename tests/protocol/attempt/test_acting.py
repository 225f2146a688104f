"""Two of the staff at one attempt: the second one hears what the first has done before her own act takes effect."""

from typing import get_args

from msgspec.structs import replace

from protocol.attempt.acting import _DID, acted_since
from protocol.attempt.commands import Steer
from protocol.attempt.facts import Extended, Paused
from protocol.attempt.kinds import ASKED, KIND_OF
from protocol.attempt.model import Actor, Role
from protocol.codes import Code
from protocol.errors import Refusal
from protocol.messages.staff import ExtendAttempt, MessageAttempt, PauseAttempt, ResumeAttempt, StaffCommand
from tests.protocol.attempt.scene import IDENTITY, MINUTE, Scene

HANA = Actor(Role.INVIGILATOR, "hana")
IAN = Actor(Role.CHIEF_INVIGILATOR, "ian")


def extend(by: Actor, command_id: str, seen_seq: int | None) -> Steer:
    return Steer(by, ExtendAttempt(command_id, IDENTITY.attempt_id, 10 * MINUTE, "", seen_seq))


def pause(by: Actor, command_id: str, seen_seq: int | None) -> Steer:
    return Steer(by, PauseAttempt(command_id, IDENTITY.attempt_id, "", seen_seq))


def test_the_second_one_hears_of_the_first() -> None:
    scene = Scene().started()
    seen = scene.attempt.seq
    assert scene.facts(extend(HANA, "h", seen)) == [Extended(10 * MINUTE, "h", "")]
    refused = scene.offer(extend(IAN, "i", seen))
    assert isinstance(refused, Refusal)
    assert refused.code is Code.ACTED_MEANWHILE
    assert refused.detail == (
        "Meanwhile hana (invigilator) gave more time (10 min). Look at the attempt, then decide again."
    )
    # With what she has seen by now it goes, under the same id: a refusal leaves nothing.
    assert scene.facts(extend(IAN, "i", scene.attempt.seq)) == [Extended(10 * MINUTE, "i", "")]
    assert scene.refusal(pause(HANA, "p", seen)) is Code.ACTED_MEANWHILE
    assert scene.facts(extend(HANA, "h", seen)) == [], "what was carried out is not carried out again"


def test_whoever_says_when_she_has_looked_hears_of_what_came_then_or_later() -> None:
    scene = Scene().started().at(MINUTE)
    scene.facts(extend(HANA, "h", None))
    for off_ms, refused in ((-1, True), (0, True), (1, False)):
        said = acted_since(scene.attempt, IAN, scene.now_ms + off_ms)
        assert (said is not None and said.code is Code.ACTED_MEANWHILE) is refused
    assert acted_since(scene.attempt, HANA, scene.now_ms) is None, "one's own is no other's"


def test_what_does_not_stand_in_the_way() -> None:
    scene = Scene().started()
    seen = scene.attempt.seq
    scene.facts(Steer(HANA, MessageAttempt("m", IDENTITY.attempt_id, "Hello")))
    scene.facts(scene.answer(1))
    assert scene.facts(extend(IAN, "i", seen)), "a message and an answer are no acts"
    assert scene.facts(extend(IAN, "j", seen)), "nor is one's own"
    assert scene.facts(extend(HANA, "h", None)), "whoever has not looked is not asked"
    assert scene.facts(Steer(IAN, MessageAttempt("n", IDENTITY.attempt_id, "Hello"))), "nobody is kept from writing"


def test_ones_own_act_hides_no_other() -> None:
    scene = Scene().started()
    seen = scene.attempt.seq
    assert [type(fact) for fact in scene.facts(pause(HANA, "p", seen))] == [Paused]
    assert scene.facts(Steer(IAN, ResumeAttempt("r", IDENTITY.attempt_id, "")))
    refused = scene.offer(extend(IAN, "i", seen))
    assert isinstance(refused, Refusal)
    assert "hana (invigilator) stopped the clock" in refused.detail
    for number in range(9):
        scene.facts(extend(replace(HANA, id=f"user-{number}"), f"x{number}", None))
    assert len(scene.attempt.acts) == 4
    assert scene.attempt.acts[-1].by.id == "user-8"
    assert scene.attempt.acts[-1].seq == scene.attempt.seq


def test_every_act_has_words() -> None:
    acts = {ASKED[command].fact for command in get_args(StaffCommand) if command is not MessageAttempt}
    assert set(_DID) == {KIND_OF[fact].tag for fact in acts}
