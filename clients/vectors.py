"""The vectors of the wire: messages with their exact bytes, and bytes with the refusal they deserve.

Messages are made from `protocol/messages`, so that a new message has vectors from its first day, and kept in
`protocol/vectors/`, where the tests of every language read them.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any, Final, get_args

import msgspec

from clients.invalid_vectors import invalid
from clients.rich_vectors import rich
from clients.typed import numbers, texts
from protocol import limits
from protocol.answering import is_blank
from protocol.codec import encode, tag_of
from protocol.codes import REFUSALS, Close, Code
from protocol.messages.base import Message, PartValue, Value
from protocol.messages.candidate import Ack, Hello, Offer, StaffMessage, StatePush, TimeWarning, Welcome
from protocol.messages.connection import Beat, Echo, Goodbye, RefusedOp, Renew, Renewed, TokenExpiring
from protocol.messages.directions import FromCandidate, FromInstructor, ToCandidate, ToInstructor
from protocol.messages.monitor import (
    BulkProgress,
    CommandDone,
    CommandRefused,
    MonitorHello,
    MonitorWelcome,
    Roster,
    Row,
    Rows,
)
from protocol.messages.operations import Answer, Operation
from protocol.messages.staff import StaffCommand
from protocol.messages.state import AttemptState, ClockState, Hindrance, Part, SavedAnswer, Timing
from protocol.seen import WHITE_SPACE

DIRECTIONS: Final = {
    "from_candidate": FromCandidate,
    "to_candidate": ToCandidate,
    "from_instructor": FromInstructor,
    "to_instructor": ToInstructor,
}
UNICODE: Final = "Zoë 𝄞 日本語"
"""Two, four and three bytes a character in UTF-8; the clef is two UTF-16 units in JavaScript."""


def vectors() -> dict[str, str]:
    """Path → text of each file."""
    return {
        "protocol/vectors/valid.json": _file(valid()),
        "protocol/vectors/invalid.json": _file(invalid()),
        "protocol/vectors/blank.json": _file(blank()),
        "protocol/vectors/numbers.json": _file(numbers(), escaped=True),
        "protocol/vectors/texts.json": _file(texts(), escaped=True),
        "protocol/vectors/rich.json": _file(rich(), escaped=True),
    }


def _file(entries: Iterator[dict[str, Any]], *, escaped: bool = False) -> str:
    lines = ",\n".join(json.dumps(entry, ensure_ascii=escaped) for entry in entries)
    return f"[\n{lines}\n]\n"


# ── valid ───────────────────────────────────────────────────────────────────────────────────────────────────


_NOW: Final = 1_800_000_000_000
INITIATED: Final = AttemptState(
    status="initiated",
    seq=2,
    head="5e" * 32,
    started_at_ms=None,
    clocks=[],
    section_id=None,
    closed_sections=[],
    closed_questions=[],
    ended_at_ms=None,
    ended_as=None,
    reference=None,
    said=None,
    hand=None,
)
STATE: Final = msgspec.structs.replace(
    INITIATED,
    status="in_progress",
    seq=12,
    started_at_ms=_NOW,
    clocks=[ClockState("test", None, _NOW + 3_600_000, _NOW + 3_602_000, None)],
)
HINDRANCE: Final = Hindrance("not_open_yet", REFUSALS[Code.NOT_OPEN_YET].sentence, _NOW)
ROW: Final = Row(
    attempt_id="0197f3a2-6c1e-7d30-9b55-0c2f6a1d8e47",
    seq=12,
    tick=3,
    user_id="ada",
    name="Ada Lovelace",
    attempt_number=1,
    status="in_progress",
    connection="online",
    question_index=4,
    answered=3,
    flagged=1,
    total=20,
    started_at_ms=_NOW,
    deadline_ms=_NOW + 3_600_000,
    left_ms=None,
    ended_at_ms=None,
    last_seen_ms=_NOW + 61_500,
    message="delivered",
    score_mpt=None,
    max_mpt=None,
    awaiting_marks=0,
    lost_records=0,
    link=None,
    hand=None,
    section_id=None,
)
_ATTEMPT: Final = ROW.attempt_id
_SAMPLES: Final[dict[str, Any]] = {
    "n": 7,
    "access_code": "harbour",
    "client_at_ms": _NOW + 61_000,
    "question_id": "capital",
    "value": "b",
    "position": 4,
    "question_index": 4,
    "section_id": "reading",
    "message_id": "c-17",
    "command_id": "c-18",
    "attempt_id": _ATTEMPT,
    "reason": "fire alarm",
    "said": "Please leave by the east door.",
    "text": "Question 4: read 1815 for 1851.",
    "extra_time_ms": 900_000,
    "add_ms": 300_000,
    "left_ms": 600_000,
    "seen_seq": 96,
    "signal": "focus_lost",
    "count": 2,
    "size": 4_500,
    "source": "screen",
    "says": "agreed",
    "every_ms": 30_000,
    "keep_days": 30,
}
"""Field → what it holds in the examples of operations and commands. True or false: true."""


def _example(kind: type[Message]) -> Message:
    fields = msgspec.structs.fields(kind)
    return kind(**{field.name: True if field.type is bool else _SAMPLES[field.name] for field in fields})


EXAMPLES: Final[dict[type[Message], Message]] = {
    **{kind: _example(kind) for kind in (*get_args(Operation), *get_args(StaffCommand))},
    **{
        type(example): example
        for example in (
            Hello(limits.PROTOCOL_VERSION, "eyJhbGciOi…", "my-client/1.0", 1, [], "9f2c41d0", 3, False, 12, "5e" * 32),
            Beat(51_234),
            Renew("eyJhbGciOi…"),
            TokenExpiring(_NOW + 300_000),
            Renewed(_NOW + 3_900_000),
            Welcome(
                protocol=limits.PROTOCOL_VERSION,
                attempt_id=_ATTEMPT,
                test_id="geography",
                title="Geography",
                candidate_name="Ada Lovelace",
                instructions="Answer all questions.",
                duration_ms=3_600_000,
                warnings_ms=[300_000, 60_000],
                pauses_on_disconnect=False,
                connection_id="k3q9",
                now_ms=_NOW + 60_000,
                heartbeat_ms=limits.HEARTBEAT_MS,
                first_beat_ms=4_321,
                backoff_base_ms=limits.RECONNECT_BASE_MS,
                backoff_cap_ms=limits.RECONNECT_CAP_MS,
                last_n=6,
                question_total=20,
                question_index=4,
                state=STATE,
                lost_records=0,
                answers=[SavedAnswer("rivers", ["a", "c"], 5, _NOW + 55_000)],
                flagged=["rivers"],
                unseen=[],
                warning=TimeWarning(300_000, _NOW + 3_600_000, "test", None),
                capabilities=[],
                extra_time_ms=0,
                parts=[],
                opens_at_ms=_NOW - 600_000,
                closes_at_ms=_NOW + 7_200_000,
                hindrances=[],
                gaps="allow",
                order="free",
                restored=False,
                timing=Timing(1_200_000, "hand_in", 120_000, True, False),
            ),
            Echo(51_234, _NOW + 60_000, _NOW + 60_001),
            Ack(7, 13, _NOW + 61_020, "7a" * 32),
            RefusedOp(8, Code.UNKNOWN_QUESTION, REFUSALS[Code.UNKNOWN_QUESTION].sentence, "never"),
            StatePush(_NOW + 61_000, STATE),
            Offer(
                title="Geography",
                instructions="Answer all.",
                duration_ms=5_400_000,
                warnings_ms=[600_000, 60_000],
                pauses_on_disconnect=False,
                question_total=20,
                extra_time_ms=900_000,
                parts=[Part("Rivers", 12, 3_600_000), Part("Mountains", 8, None)],
                opens_at_ms=_NOW,
                closes_at_ms=_NOW + 7_200_000,
                hindrances=[HINDRANCE],
                gaps="warn",
                order="forward",
            ),
            TimeWarning(300_000, _NOW + 3_600_000, "test", None),
            StaffMessage("c-17", "Question 4: read 1815 for 1851.", _NOW + 120_000),
            Goodbye(Close.TRY_AGAIN, REFUSALS[Code.DRAINING].sentence, 2_500),
            MonitorHello(limits.PROTOCOL_VERSION, "eyJhbGciOi…", "my-monitor/1.0", 1, []),
            MonitorWelcome(
                protocol=limits.PROTOCOL_VERSION,
                test_id="geography",
                title="Geography",
                now_ms=_NOW,
                heartbeat_ms=limits.HEARTBEAT_MS,
                first_beat_ms=4_321,
                backoff_base_ms=limits.RECONNECT_BASE_MS,
                backoff_cap_ms=limits.RECONNECT_CAP_MS,
                capabilities=[],
                acts=["list_tests", "message", "pause", "resume", "watch"],
            ),
            Roster(0, 1, [ROW]),
            Rows(_NOW + 61_250, [ROW]),
            CommandDone("c-18", _ATTEMPT, 14),
            BulkProgress("b-3", "pause", "grace", "instructor", 300, 120, 2, False),
            CommandRefused("c-16", _ATTEMPT, Code.NOT_PAUSED, REFUSALS[Code.NOT_PAUSED].sentence, "reload"),
        )
    },
}
"""One of each, as it may happen; PROTOCOL.md shows them."""


def valid() -> Iterator[dict[str, Any]]:
    """Every message as an example, at its least and at its most; then the borders of every MessagePack format."""
    for direction, union in DIRECTIONS.items():
        for kind in get_args(union):
            yield _valid(f"{tag_of(kind)}, example", direction, EXAMPLES[kind])
            yield _valid(f"{tag_of(kind)}, least", direction, _filled(kind, _least))
            yield _valid(f"{tag_of(kind)}, most", direction, _filled(kind, _most))
    for number in (0, 127, 128, 255, 256, 65_535, 65_536, 2**32 - 1, 2**32, limits.MAX_INT):
        yield _valid(f"integer {number}", "from_candidate", Beat(number))
    for length in (0, 1, 31, 32, 255, 256, limits.MAX_ANSWER_CHARS):
        yield _valid(f"text of {length}", "from_candidate", _answer("x" * length))
    for length in (8, 64, 65):
        yield _valid(f"text of {length} astral characters", "from_candidate", _answer("𝄞" * length))
    for count in (0, 1, 15, 16, limits.MAX_ANSWER_OPTIONS):
        options: list[str | tuple[str, ...]] = [str(position) for position in range(count)]
        yield _valid(f"list of {count}", "from_candidate", _answer(options))
    yield _valid("pairs", "from_candidate", _answer([("row 1", "b"), ("row 2", "a")]))
    record: dict[str, PartValue] = {"city": "Nairobi", "signs": ["a", "c"], "rows": [("1", "x")]}
    yield _valid("record of parts", "from_candidate", _answer(record))
    yield _valid("text with a NUL in it", "from_candidate", _answer("a\0b"))
    yield _valid("answer taken back", "from_candidate", _answer(None))


def _valid(name: str, direction: str, message: Message) -> dict[str, Any]:
    return {
        "name": name,
        "direction": direction,
        "message": msgspec.to_builtins(message),
        "hex": encode(message).hex(),
    }


def _answer(value: Value) -> Answer:
    return Answer(7, "q1", value, None, 1_800_000_000_000)


def _filled(kind: type[msgspec.Struct], fill: Callable[[msgspec.inspect.Type], Any]) -> Any:
    info = msgspec.inspect.type_info(kind)
    assert isinstance(info, msgspec.inspect.StructType)
    return kind(*[fill(field.type) for field in info.fields])


def _least(info: msgspec.inspect.Type) -> Any:
    match info:
        case msgspec.inspect.Metadata(type=inner):
            return _least(inner)
        case msgspec.inspect.IntType(ge=least):
            return least or 0
        case msgspec.inspect.StrType(min_length=length):
            return "x" * (length or 0)
        case msgspec.inspect.BoolType():
            return False
        case msgspec.inspect.UnionType(includes_none=True):
            return None
        case msgspec.inspect.UnionType(types=kinds):
            return _least(kinds[0])
        case msgspec.inspect.ListType():
            return []
        case msgspec.inspect.StructType(cls=kind):
            return _filled(kind, _least)
        case _:
            raise TypeError(f"no least value of {info!r}")


def _most(info: msgspec.inspect.Type) -> Any:
    match info:
        case msgspec.inspect.Metadata(type=inner):
            return _most(inner)
        case msgspec.inspect.IntType(le=most):
            return limits.MAX_INT if most is None else most
        case msgspec.inspect.StrType():
            return UNICODE
        case msgspec.inspect.BoolType():
            return True
        case msgspec.inspect.UnionType(types=kinds):
            return _most(next(kind for kind in reversed(kinds) if not isinstance(kind, msgspec.inspect.NoneType)))
        case msgspec.inspect.ListType(item_type=item):
            return [_most(item), _least(item)]
        case msgspec.inspect.VarTupleType(item_type=item):
            return (_most(item), _most(item))
        case msgspec.inspect.DictType(key_type=key, value_type=item):
            return {_most(key): _most(item)}
        case msgspec.inspect.StructType(cls=kind):
            return _filled(kind, _most)
        case _:
            raise TypeError(f"no most of {info!r}")


# ── blank ───────────────────────────────────────────────────────────────────────────────────────────────────


def blank() -> Iterator[dict[str, Any]]:
    """Answer values, and whether the question counts as not answered with them."""
    values: list[Any] = [None, "", [], "\t\r\n", WHITE_SPACE, *WHITE_SPACE, "0", " a ", ["a"], ".", "false"]
    values += [{}, {"a": ""}, {"a": [], "b": " \u200b"}, {"a": "", "b": "x"}, {"a": ["x"]}, [["a", "b"]]]
    # Some languages trim these, others don't.
    values += [
        "\x00",
        "\x1c",
        "\u180e",
        "\u200b",
        "\u2060",
        "\ufeff",
        "\u00ad",
        " \ufeff\n",
        "\ufeffa",
        "\U000e0041",
        "\u0600",
        "\u2800",
    ]
    for value in values:
        yield {"value": value, "blank": is_blank(value)}
