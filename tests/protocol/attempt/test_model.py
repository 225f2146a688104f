"""A snapshot of a state is the state again, byte for byte."""

import msgspec
import pytest

from protocol.attempt.model import Attempt, Status
from protocol.messages.operations import Flag, Progress, Receipt
from tests.protocol.attempt.scene import MINUTE, T0, Scene, scene_in


def eventful() -> Scene:
    """An attempt in which nearly everything has happened."""
    scene = Scene(pause_on_disconnect=True, duration_ms=6 * MINUTE).connected().started()
    scene.facts(scene.answer(1, "b"))
    scene.facts(scene.answer(3, ["a", "c"], "multiple"))
    scene.facts(scene.answer(4, "Ünïcødé 𝄞", "essay"))
    scene.facts(scene.operate(Flag(5, "text", True, 0)))
    scene.at(MINUTE).facts(scene.operate(Progress(6, 4, 0)))
    scene.facts(scene.message("one"))
    scene.facts(scene.message("two"))
    scene.facts(scene.operate(Receipt(7, "command-1", True, 0)))
    scene.wake_at(MINUTE)
    scene.at(2 * MINUTE).facts(scene.disconnect())
    scene.at(3 * MINUTE).facts(scene.connect("c2"))
    scene.facts(scene.extend(MINUTE))
    scene.facts(scene.pause())
    return scene


@pytest.mark.parametrize("status", Status)
def test_a_snapshot_in_every_status(status: Status) -> None:
    attempt = scene_in(status).attempt
    data = msgspec.msgpack.encode(attempt)
    again = msgspec.msgpack.decode(data, type=Attempt)
    assert again == attempt
    assert msgspec.msgpack.encode(again) == data


def test_a_snapshot_of_an_eventful_attempt() -> None:
    scene = eventful()
    attempt = scene.attempt
    assert all(
        getattr(attempt, name) for name in ("pause", "answers", "flagged", "visits", "messages", "digests", "clocks")
    )
    again = msgspec.msgpack.decode(msgspec.msgpack.encode(attempt), type=Attempt)
    assert again == attempt
    assert [type(getattr(again, name)) for name in again.__struct_fields__] == [
        type(getattr(attempt, name)) for name in attempt.__struct_fields__
    ]


def test_a_snapshot_of_a_marked_attempt() -> None:
    scene = Scene().started().submitted()
    scene.facts(scene.mark())
    scene.facts(scene.assess(awaiting=1))
    again = msgspec.msgpack.decode(msgspec.msgpack.encode(scene.attempt), type=Attempt)
    assert again == scene.attempt
    assert again.hand_marks["essay"].remark == "well"


def test_the_log_goes_on_from_a_snapshot() -> None:
    scene = eventful()
    scene.attempt = msgspec.msgpack.decode(msgspec.msgpack.encode(scene.attempt), type=Attempt)
    scene.facts(scene.resume())
    assert scene.facts(scene.answer(1, "b")) == []
    scene.facts(scene.answer(8, "a"))


def test_it_closes_a_grace_after_the_deadline() -> None:
    scene = Scene(grace_ms=1_234)
    assert scene.attempt.closes_at_ms is None
    running = scene.started().attempt
    assert running.test_clock.deadline_ms == T0 + 60 * MINUTE
    assert running.closes_at_ms == running.test_clock.deadline_ms + 1_234
