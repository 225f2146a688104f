"""A whole sitting, message by message, as a server answers it. A test replays it against one."""

from hashlib import sha256
from typing import Final

import msgspec
from msgspec.structs import replace

from clients.documented.tables import hexadecimal, shown
from clients.vectors import INITIATED
from protocol import limits
from protocol.codec import encode, tag_of
from protocol.messages.base import Message
from protocol.messages.candidate import Ack, Hello, StatePush, Welcome
from protocol.messages.connection import Beat, Echo
from protocol.messages.operations import Answer, Start, Submit
from protocol.messages.state import AttemptState, ClockState, Timing

_NOW: Final = 1_800_000_000_000
_HOUR_MS: Final = 3_600_000
_REFERENCE: Final = "07SG-0B2V-EQYD"


def _head(seq: int) -> str:
    return sha256(f"record {seq}".encode()).hexdigest()


def _state(status: str, seq: int, *, runs: bool = False, ended: bool = False) -> AttemptState:
    return replace(
        INITIATED,
        status=status,
        seq=seq,
        head=_head(seq),
        started_at_ms=_NOW + 1_000 if runs or ended else None,
        clocks=[ClockState("test", None, _NOW + 1_000 + _HOUR_MS, _NOW + 3_000 + _HOUR_MS, None)] if runs else [],
        ended_at_ms=_NOW + 60_000 if ended else None,
        ended_as="submitted" if ended else None,
        reference=_REFERENCE if ended else None,
    )


_HELLO: Final = Hello(
    protocol=limits.PROTOCOL_VERSION,
    token="eyJhbGciOi…",  # noqa: S106 (the beginning of any token)
    client="my-client/1.0",
    device="9f2c41d0",
    connect_n=1,
    takeover=True,
    seen_seq=None,
    seen_head=None,
    oldest_protocol=limits.OLDEST_PROTOCOL_VERSION,
    capabilities=[],
)
_WELCOME: Final = Welcome(
    protocol=limits.PROTOCOL_VERSION,
    attempt_id="0197f3a2-6c1e-7d30-9b55-0c2f6a1d8e47",
    test_id="geometry",
    title="Geometry",
    candidate_name="Ada Lovelace",
    instructions="",
    duration_ms=_HOUR_MS,
    warnings_ms=[300_000, 60_000],
    pauses_on_disconnect=False,
    connection_id="0197f3a2-7a40-7e11-8c5d-5a1f0e9b2c33",
    now_ms=_NOW,
    heartbeat_ms=limits.HEARTBEAT_MS,
    first_beat_ms=4_321,
    backoff_base_ms=limits.RECONNECT_BASE_MS,
    backoff_cap_ms=limits.RECONNECT_CAP_MS,
    last_n=0,
    question_total=2,
    question_index=0,
    state=_state("initiated", 2),
    lost_records=0,
    answers=[],
    flagged=[],
    unseen=[],
    warning=None,
    capabilities=[],
    extra_time_ms=0,
    parts=[],
    opens_at_ms=None,
    closes_at_ms=None,
    hindrances=[],
    gaps="allow",
    order="free",
    restored=False,
    timing=Timing(None, "submit", 0, False, False),
)

STEPS: Final[list[tuple[str, Message]]] = [
    ("→", _HELLO),
    ("←", _WELCOME),
    ("→", Start(1, None, _NOW + 960)),
    ("←", StatePush(_NOW + 1_004, _state("in_progress", 3, runs=True))),
    ("←", Ack(1, 3, _NOW + 1_004, _head(3))),
    ("→", Beat(4_321)),
    ("←", Echo(4_321, _NOW + 4_350, _NOW + 4_350)),
    ("→", Answer(2, "q1", "b", None, _NOW + 8_960)),
    ("←", Ack(2, 4, _NOW + 9_004, _head(4))),
    ("→", Submit(3, _NOW + 59_960)),
    ("←", StatePush(_NOW + 60_004, _state("submitted", 5, ended=True))),
    ("←", Ack(3, 5, _NOW + 60_004, _head(5))),
    ("←", StatePush(_NOW + 60_120, _state("completed", 6, ended=True))),
]
"""Direction and message, in their order."""


def session() -> str:
    """Each message with its direction, as JSON and as bytes."""
    return "\n".join(
        f"{arrow} `{tag_of(type(message))}`\n\n"
        f"```json\n{shown(msgspec.to_builtins(message))}\n```\n\n"
        f"```\n{hexadecimal(encode(message).hex())}\n```\n"
        for arrow, message in STEPS
    )
