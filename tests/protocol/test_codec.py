"""Hostile bytes: always refused by name, never repeated, never expensive. The named cases are the vectors."""

import tracemalloc

import msgpack  # type: ignore[import-untyped]
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from clients.vectors import STATE
from protocol import codec, limits
from protocol.codec import decode_from_candidate, decode_from_instructor, encode, explain_shape, tag_of
from protocol.codes import Code
from protocol.content import Rules
from protocol.errors import Refusal, WireError
from protocol.messages.candidate import Hello, StatePush
from protocol.messages.connection import Beat
from protocol.messages.operations import Answer, Flag, Start
from protocol.messages.staff import ExtendAttempt
from protocol.rest.commands import ExtendBody
from protocol.rest.operations import AnswersBody

WIRE_CODES = {
    Code.MALFORMED, Code.TRAILING_BYTES, Code.TOO_LARGE, Code.TOO_DEEP, Code.UNKNOWN_MESSAGE, Code.UNKNOWN_FIELD,
    Code.MISSING_FIELD, Code.WRONG_TYPE, Code.OUT_OF_RANGE, Code.ANSWER_TOO_LONG,
}  # fmt: skip


def refusal(data: bytes) -> Refusal:
    with pytest.raises(WireError) as refused:
        decode_from_candidate(data)
    return refused.value.refusal


def code_of(data: bytes) -> Code | None:
    """The refusal; None: it is a message, which says the same again after encoding."""
    try:
        message = decode_from_candidate(data)
    except WireError as error:
        return error.refusal.code
    assert decode_from_candidate(encode(message)) == message
    return None


@given(st.binary(max_size=300))
def test_random_bytes_are_a_message_or_a_refusal(data: bytes) -> None:
    assert code_of(data) in {None, *WIRE_CODES}


packable = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats()
    | st.text(max_size=5)
    | st.binary(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4),
    max_leaves=20,
)
fields = st.fixed_dictionaries(
    {"t": st.sampled_from(["answer", "beat", "flag", "hello", "pause", ""])},
    optional=dict.fromkeys(("n", "question_id", "value", "client_at_ms", "flagged", "t0_ms", "token"), packable),
)


@given(packable | fields)
def test_any_value_is_a_message_or_a_refusal(value: object) -> None:
    assert code_of(msgpack.packb(value)) in {None, *WIRE_CODES} - {Code.TRAILING_BYTES, Code.TOO_LARGE}


@given(st.integers(0, 200), st.integers(0, 255))
def test_one_changed_byte_is_a_message_or_a_refusal(position: int, byte: int) -> None:
    data = bytearray(encode(Answer(3, "question", ["one", "two", "three"], None, 1_800_000_000_000)))
    data[position % len(data)] = byte
    assert code_of(bytes(data)) in {None, *WIRE_CODES}


@given(st.integers(1, 40))
def test_every_cut_is_malformed(length: int) -> None:
    data = encode(Answer(3, "question", ["one", "two", "three"], None, 1_800_000_000_000))
    assert refusal(data[:-length]).code is Code.MALFORMED


def test_fields_may_come_in_any_order() -> None:
    assert decode_from_candidate(
        msgpack.packb({"client_at_ms": 3, "access_code": None, "n": 1, "t": "start"})
    ) == Start(1, None, 3)


def test_a_field_given_twice_is_refused_however_the_map_is_written() -> None:
    body = msgpack.packb("t") + msgpack.packb("beat") + (msgpack.packb("t0_ms") + msgpack.packb(1)) * 2
    for head in (b"\x83", b"\xde\x00\x03", b"\xdf\x00\x00\x00\x03"):
        assert refusal(head + body).code is Code.MALFORMED
    once = msgpack.packb("t") + msgpack.packb("beat") + msgpack.packb("t0_ms") + msgpack.packb(1)
    for head in (b"\x82", b"\xde\x00\x02", b"\xdf\x00\x00\x00\x02"):
        assert decode_from_candidate(head + once) == Beat(1)


def test_a_field_that_may_be_left_out_hides_no_other_one_given_twice() -> None:
    said = {"t": "extend", "command_id": "c", "attempt_id": "a", "add_ms": 1, "reason": ""}
    order = ExtendAttempt("c", "a", 1, "")
    assert decode_from_instructor(msgpack.packb(said)) == order
    assert decode_from_instructor(msgpack.packb({**said, "seen_seq": 7})) == replace(order, seen_seq=7)
    twice = b"\x86" + msgpack.packb(said)[1:] + msgpack.packb("add_ms") + msgpack.packb(2)
    with pytest.raises(WireError) as refused:
        decode_from_instructor(twice)
    assert refused.value.refusal.code is Code.MALFORMED


def test_the_longest_answer_fits_into_a_frame() -> None:
    answer = Answer(limits.MAX_INT, "𝄞" * limits.MAX_ID_CHARS, "𝄞" * limits.MAX_ANSWER_CHARS, None, limits.MAX_INT)
    assert len(encode(answer)) <= limits.MAX_FRAME_BYTES
    assert decode_from_candidate(encode(answer)) == answer


def test_the_longest_token_fits() -> None:
    hello = Hello(1, "x" * limits.MAX_TOKEN_BYTES, "page/1", 1, [], "d", 1, True, None, None)
    assert decode_from_candidate(encode(hello)) == hello
    longer = Hello(1, "x" * (limits.MAX_TOKEN_BYTES + 1), "page/1", 1, [], "d", 1, True, None, None)
    assert refusal(encode(longer)).code is Code.OUT_OF_RANGE


def test_the_deepest_message_a_client_may_send_is_not_too_deep() -> None:
    four: bytes = msgpack.packb({"t": "beat", "t0_ms": [[[1]]]})
    five: bytes = msgpack.packb({"t": "beat", "t0_ms": [[[[1]]]]})
    assert refusal(four).code is Code.WRONG_TYPE
    assert refusal(five).code is Code.TOO_DEEP


@pytest.mark.parametrize(
    ("message", "detail"),
    [
        (
            {"t": "flag", "n": 1, "question_id": "q", "flagged": 1, "client_at_ms": 0},
            "The field flagged has the wrong type.",
        ),
        (
            {"t": "flag", "n": 0, "question_id": "q", "flagged": True, "client_at_ms": 0},
            "The field n has a value out of range.",
        ),
        ({"t": "flag", "n": 1, "question_id": "q", "flagged": True}, "The field client_at_ms is missing."),
        ({"t": "beat", "t0_ms": 1, "x": 1}, "This message has a field that does not belong to it (x)."),
        ({"t": "beat", "t0_ms": 1, "<b>": 1}, "This message has a field that does not belong to it."),
    ],
)
def test_a_refusal_names_the_field_and_repeats_nothing_of_the_senders(message: dict[str, object], detail: str) -> None:
    assert refusal(msgpack.packb(message)).detail == detail


def number_of(data: bytes) -> int | None:
    with pytest.raises(WireError) as refused:
        decode_from_candidate(data)
    return refused.value.n


@pytest.mark.parametrize("n", [1, 127, 128, 255, 256, 65_535, 65_536, 2**32, limits.MAX_INT])
def test_a_refusal_has_the_number_that_can_be_read(n: int) -> None:
    whole = {"t": "answer", "n": n, "question_id": "q", "value": "x" * 99, "position": None, "client_at_ms": 0}
    packed: bytes = msgpack.packb(whole)
    assert number_of(packed.replace(b"x" * 99, b"x" * 98 + b"\xed")) == n, "not UTF-8"
    assert number_of(packed[:-1]) == n, "cut off"
    assert number_of(packed + b"\x00") == n
    assert number_of(packed + b"\x00" * limits.MAX_FRAME_BYTES) == n
    assert number_of(msgpack.packb({"value": [{"n": 5}], **whole, "more": 1})) == n
    assert number_of(msgpack.packb({"client_at_ms": -1, "t": "start", "n": n})) == n
    assert number_of(packed[: packed.index(b"\xa1n") + 2]) is None
    assert number_of(packed[: packed.index(b"\xa1n") + 2] + b"\xcf\x00") is None


@pytest.mark.parametrize("n", [0, -1, 2**53, 1.0, "1", None, [1]])
def test_a_refusal_has_no_number_that_is_none(n: object) -> None:
    assert number_of(msgpack.packb({"t": "answer", "n": n})) is None


@given(st.binary(max_size=300))
def test_looking_for_a_number_never_fails(data: bytes) -> None:
    for head in (b"\x8f", b"\xde\xff\xff", b"\xdf\xff\xff\xff\xff"):
        assert code_of(head + data) in WIRE_CODES


SECRET = "s3cret-of-the-sender"


@given(
    st.sampled_from(["t", "n", "question_id", "flagged", "client_at_ms"]),
    st.sampled_from([SECRET, [SECRET], {SECRET: 1}]),
)
def test_values_from_outside_are_never_repeated(name: str, value: object) -> None:
    message: dict[str, object] = {
        "t": "flag",
        "n": 1,
        "question_id": "q",
        "flagged": True,
        "client_at_ms": 0,
        name: value,
    }
    if message["question_id"] != SECRET:
        assert SECRET not in refusal(msgpack.packb(message)).detail


def value_of(data: bytes) -> bytes:
    """An answer whose value is these bytes."""
    rest = encode(Answer(1, "q", None, None, 0))
    assert rest[0] == 0x86
    return rest.replace(msgpack.packb("value") + b"\xc0", msgpack.packb("value") + data)


HUNGRY = {
    "a list that promises four billion": b"\xdd\xff\xff\xff\xff" + b"\xc0" * 65_000,
    "a map that promises four billion": b"\xdf\xff\xff\xff\xff" + b"\xc0" * 65_000,
    "an answer of empty texts": value_of(b"\xdd\x00\x00\xf0\x00" + b"\xa0" * 0xF000),
    "an answer of lists": value_of(b"\xdd\x00\x00\xf0\x00" + b"\x90" * 0xF000),
    "an answer of maps": value_of(b"\xdd\x00\x00\xf0\x00" + b"\x80" * 0xF000),
    "an answer that promises four gigabytes": value_of(b"\xdb\xff\xff\xff\xff"),
    "bytes": value_of(b"\xc6\x00\x00\xf0\x00" + bytes(0xF000)),
    "an extension": value_of(b"\xc9\x00\x00\xf0\x00\x01" + bytes(0xF000)),
    "nesting": b"\x91" * 65_000,
    "fields without an end": b"\xdf\x00\x00\x50\x00" + b"\xa1x\xc0" * 0x5000,
    "a tag that comes last": b"\x82\xa1x\xdd\x00\x00\xf0\x00" + b"\xc0" * 0xF000 + b"\xa1t\xa4beat",
}


@pytest.mark.parametrize("name", HUNGRY)
def test_what_is_refused_costs_little(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever sends it need not have said who she is: neither memory nor steps grow with what is promised."""
    data = HUNGRY[name]
    assert len(data) <= limits.MAX_FRAME_BYTES
    tracemalloc.start()
    refusal(data)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 64 * 1024
    steps = 0
    step = codec._step

    def count(data: bytes, position: int) -> tuple[int, int | None] | None:
        nonlocal steps
        steps += 1
        return step(data, position)

    monkeypatch.setattr(codec, "_step", count)
    refusal(data)
    assert steps <= 2 * codec._MAX_SCANNED + 1


def answers(**changes: object) -> bytes:
    answer = {"n": 1, "question_id": "q", "value": "x", "position": None, "client_at_ms": 0, **changes}
    return msgspec.json.encode({"answers": [answer]})


@pytest.mark.parametrize(
    ("kind", "text", "code"),
    [
        (AnswersBody, answers(value="x" * 16_001), Code.ANSWER_TOO_LONG),
        (AnswersBody, answers(n=0), Code.OUT_OF_RANGE),
        (AnswersBody, answers(value=1), Code.WRONG_TYPE),
        (AnswersBody, b'{"answers": []}', Code.OUT_OF_RANGE),
        (AnswersBody, b'{"answers": 1}', Code.WRONG_TYPE),
        (AnswersBody, b"{}", Code.MISSING_FIELD),
        (ExtendBody, b'{"add_ms": 1, "more": 1}', Code.UNKNOWN_FIELD),
        (AnswersBody, b"{", Code.MALFORMED),
        (ExtendBody, b'{"add_ms": 9007199254740992}', Code.OUT_OF_RANGE),
        (ExtendBody, b'{"add_ms": 1e400}', Code.OUT_OF_RANGE),
        (Rules, b'{"on_disconnect": "stop"}', Code.OUT_OF_RANGE),
    ],
)
def test_the_same_names_for_json(kind: type, text: bytes, code: Code) -> None:
    with pytest.raises(msgspec.DecodeError) as wrong:
        msgspec.json.decode(text, type=kind)
    assert explain_shape(str(wrong.value)).refusal.code is code


def test_tag_of() -> None:
    assert tag_of(Flag) == "flag"


def test_a_state_of_an_older_server_without_a_hand_is_read() -> None:
    state = replace(STATE, hand="raised")
    known = msgspec.msgpack.decode(encode(StatePush(1, state)))
    del known["state"]["hand"]
    read = codec.decode_to_candidate(msgspec.msgpack.encode(known))
    assert isinstance(read, StatePush)
    assert read.state.hand is None
