"""The projection keeps a monitor's row, and rows that an older version wrote can still be read."""

import msgspec
import pytest
from msgspec.structs import replace

from clients.vectors import ROW
from protocol.attempt.model import Status
from protocol.attempt.view import row
from protocol.messages.monitor import Row
from storage.projection import _ELSEWHERE, monitor_row, state_values
from tests.protocol.attempt.scene import MINUTE, Scene, scene_in
from tests.protocol.attempt.test_model import eventful

STORED = (
    '{"answered":3,"flagged":1,"total":6,"left_ms":90000,"message":"seen","score_mpt":2500,"max_mpt":6000,'
    '"awaiting_marks":1,"lost_records":4,"link":"bound"}'
)
"""As the first version wrote it. It stays readable; what stands here never changes."""


def test_a_row_of_the_first_version_is_read() -> None:
    assert monitor_row("a", 7, "ada", "branch", "Ada", 1, "paused", 2, (1, None, None), STORED) == replace(
        ROW,
        attempt_id="a",
        seq=7,
        tick=0,
        user_id="ada",
        branch_id="branch",
        name="Ada",
        attempt_number=1,
        status="paused",
        connection="offline",
        question_index=2,
        answered=3,
        flagged=1,
        total=6,
        started_at_ms=1,
        deadline_ms=None,
        left_ms=90_000,
        ended_at_ms=None,
        last_seen_ms=None,
        message="seen",
        score_mpt=2_500,
        max_mpt=6_000,
        awaiting_marks=1,
        lost_records=4,
        link="bound",
    )


def test_the_absence_of_what_a_row_has_gained_says_something() -> None:
    gained = set(Row.__struct_fields__) - set(msgspec.json.decode(STORED)) - _ELSEWHERE
    with_default = {field.name for field in msgspec.structs.fields(Row) if not field.required} - _ELSEWHERE
    assert gained == with_default, "a row stored by the version before can't be read, or says something else"


def marked() -> Scene:
    scene = scene_in(Status.SUBMITTED)
    scene.facts(scene.mark())
    scene.facts(scene.assess(awaiting=1))
    return scene


@pytest.mark.parametrize("scene", [Scene(), eventful(), marked(), *map(scene_in, Status)])
def test_the_row_of_an_attempt_that_no_node_holds_is_that_of_its_state(scene: Scene) -> None:
    attempt = scene.at(5 * MINUTE).attempt
    seq, _, status, started_at_ms, ended_at_ms, deadline_ms, _, question_index, _, session_data, _ = state_values(
        attempt
    )
    times = (started_at_ms, ended_at_ms, deadline_ms)
    kept = monitor_row("attempt-1", seq, "ada", "branch", "Ada", 1, status, question_index, times, session_data)
    assert kept == row(attempt, "Ada", "offline", None, 0)
