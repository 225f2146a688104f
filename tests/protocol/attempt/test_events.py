"""What the rest of the platform is told: once per fact, under a name that a repetition shares."""

import msgspec
import pytest

from protocol.attempt import view
from protocol.attempt.events import event_of
from protocol.attempt.evolve import fold
from protocol.attempt.facts import tag_of
from protocol.attempt.kinds import EDGES
from protocol.attempt.model import Status
from tests.protocol.attempt.scene import IDENTITY, Scene, scene_in
from tests.protocol.attempt.test_model import eventful

STAY_INSIDE = {
    "connected", "disconnected", "answered", "flagged", "moved", "receipted", "hand_marked",
}  # fmt: skip


def marked() -> Scene:
    scene = Scene().started().submitted()
    scene.facts(scene.mark())
    scene.facts(scene.assess(awaiting=1))
    return scene


@pytest.mark.parametrize("scene", [eventful(), marked(), scene_in(Status.CANCELLED), scene_in(Status.COMPLETED)])
def test_what_changes_the_status_or_the_clock_is_told(scene: Scene) -> None:
    for position, record in enumerate(scene.records, start=1):
        state = fold(scene.records[:position])
        assert state is not None
        event = event_of(state, record)
        tag = tag_of(record.entry.fact)
        if event is None:
            assert tag in STAY_INSIDE
            continue
        assert tag in {"created", "extended", "warned", "messaged", "assessed", "regraded", *EDGES.values()}
        assert event.event_id == f"attempt-1:{position}"
        assert event.topic == f"attempt.{tag}"
        assert event.at_ms == record.entry.at_ms


def test_an_event_says_who_and_what() -> None:
    scene = scene_in(Status.COMPLETED)
    event = event_of(scene.attempt, scene.records[-1])
    assert event is not None
    assert event.topic == "attempt.completed"
    payload = msgspec.json.decode(event.payload)
    assert payload.pop("state") == msgspec.to_builtins(view.state(scene.attempt))
    assert payload == {
        "attempt_id": IDENTITY.attempt_id,
        "org_id": "org",
        "branch_id": "branch",
        "test_id": "test",
        "test_version": 1,
        "user_id": "ada",
        "attempt_number": 1,
        "seq": 4,
        "by_role": "system",
        "by": "timer",
    }
