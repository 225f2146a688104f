"""For how long logs are kept."""

import pytest
from msgspec.structs import replace

from protocol.attempt.model import Status
from protocol.rules.retention import DAY_MS, Retention, may_leave
from tests.protocol.attempt.scene import scene_in


def test_where_nobody_has_said_anything_everything_is_kept() -> None:
    assert (Retention().archive_before_ms(0), Retention().drop_before_ms(0)) == (None, None)
    rule = Retention(30, 365)
    assert rule.archive_before_ms(400 * DAY_MS) == 370 * DAY_MS
    assert rule.drop_before_ms(400 * DAY_MS) == 35 * DAY_MS


@pytest.mark.parametrize("status", Status)
def test_what_runs_or_waits_to_be_marked_stays(status: Status) -> None:
    attempt = replace(scene_in(Status.SUBMITTED).attempt, status=status)
    settled = status in (Status.CANCELLED, Status.COMPLETED, Status.ABSENT, Status.ABANDONED)
    assert may_leave(attempt, 9, 10) == settled
    assert not may_leave(attempt, 10, 10)
