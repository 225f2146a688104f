"""Messages as a server sends them, with only what a test cares about spelled out."""

from msgspec.structs import replace

from clients.vectors import INITIATED, ROW
from protocol import limits
from protocol.messages.candidate import Ack, StaffMessage, TimeWarning, Welcome
from protocol.messages.monitor import MonitorWelcome, Row
from protocol.messages.state import AttemptState, ClockState, SavedAnswer

NOW = 1_700_000_000_000
ACKED_HEAD = "ac" * 32


def state(status: str = "in_progress", seq: int = 3) -> AttemptState:
    ended = status in ("submitted", "expired", "cancelled", "completed")
    return replace(
        INITIATED,
        status=status,
        seq=seq,
        started_at_ms=None if status == "initiated" else NOW,
        clocks={
            "in_progress": [ClockState("test", None, NOW + 3_600_000, NOW + 3_602_000, None)],
            "paused": [ClockState("test", None, None, None, 1_800_000)],
        }.get(status, []),
        ended_at_ms=NOW + 60_000 if ended else None,
        ended_as=status if ended and status != "completed" else "submitted" if ended else None,
        reference="ABCD-1234" if ended else None,
    )


def welcome(
    status: str = "in_progress",
    *,
    last_n: int = 0,
    seq: int = 3,
    now_ms: int = NOW,
    answers: list[SavedAnswer] | None = None,
    unseen: list[StaffMessage] | None = None,
    warning: TimeWarning | None = None,
    restored: bool = False,
) -> Welcome:
    return Welcome(
        protocol=limits.PROTOCOL_VERSION,
        attempt_id="attempt-1",
        test_id="test-1",
        title="A test",
        candidate_name="Somebody",
        instructions="",
        duration_ms=3_600_000,
        warnings_ms=[300_000, 60_000],
        pauses_on_disconnect=False,
        connection_id="connection-1",
        now_ms=now_ms,
        heartbeat_ms=limits.HEARTBEAT_MS,
        first_beat_ms=4_000,
        backoff_base_ms=500,
        backoff_cap_ms=15_000,
        last_n=last_n,
        question_total=10,
        question_index=0,
        state=state(status, seq),
        lost_records=0,
        answers=answers or [],
        flagged=[],
        unseen=unseen or [],
        warning=warning,
        capabilities=[],
        extra_time_ms=0,
        parts=[],
        opens_at_ms=None,
        closes_at_ms=None,
        hindrances=[],
        gaps="allow",
        order="free",
        restored=restored,
    )


def acked(n: int, seq: int, at_ms: int = NOW) -> Ack:
    return Ack(n, seq, at_ms, ACKED_HEAD)


def monitor_welcome() -> MonitorWelcome:
    return MonitorWelcome(
        protocol=limits.PROTOCOL_VERSION,
        test_id="test-1",
        title="A test",
        now_ms=NOW,
        heartbeat_ms=limits.HEARTBEAT_MS,
        first_beat_ms=4_000,
        backoff_base_ms=500,
        backoff_cap_ms=15_000,
        capabilities=[],
        acts=["watch"],
    )


def row(attempt_id: str, seq: int = 1, tick: int = 0, *, answered: int = 0) -> Row:
    return replace(ROW, attempt_id=attempt_id, seq=seq, tick=tick, answered=answered)
