"""Bytes that a server must refuse, each with the name of the refusal: `protocol/vectors/invalid.json`."""

from collections.abc import Iterator
from typing import Any, Final

import msgpack  # type: ignore[import-untyped]

from protocol import limits
from protocol.codes import Code

_BEAT: Final[dict[Any, Any]] = {"t": "beat", "t0_ms": 1}
_ANSWER: Final = {"t": "answer", "n": 1, "question_id": "q1", "value": "x", "position": None, "client_at_ms": 0}
_EXTEND: Final = {"t": "extend", "command_id": "c", "attempt_id": "a", "add_ms": 60_000, "reason": ""}
_MESSAGE: Final = {"t": "message", "command_id": "c", "attempt_id": "a", "text": "Hello"}


def _pack(value: object) -> bytes:
    """With a foreign encoder: ours would not make what is wrong here."""
    data: bytes = msgpack.packb(value)
    return data


def _without(message: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in message.items() if key != name}


def _twice(message: dict[str, Any], name: str, value: object) -> bytes:
    """The map with one key a second time, which no dict can say."""
    data = _pack(message)
    return bytes([data[0] + 1]) + data[1:] + _pack(name) + _pack(value)


def invalid() -> Iterator[dict[str, Any]]:
    """Bytes that a server must refuse, each with the name of the refusal."""
    for direction, code, name, data in _wrong():
        yield {"name": name, "direction": direction, "hex": data.hex(), "code": code.value}


def _wrong() -> Iterator[tuple[str, Code, str, bytes]]:
    for code, name, data in _wrong_bytes():
        yield "from_candidate", code, name, data
        yield "from_instructor", code, name, data
    for code, name, data in _wrong_answers():
        yield "from_candidate", code, name, data
    for code, name, message in _wrong_orders():
        yield "from_instructor", code, name, _pack(message)


def _wrong_bytes() -> Iterator[tuple[Code, str, bytes]]:
    beat = _pack(_BEAT)
    yield Code.MALFORMED, "nothing", b""
    yield Code.MALFORMED, "a byte that MessagePack never uses", b"\xc1"
    yield Code.MALFORMED, "cut off in the last value", beat[:-1]
    yield Code.MALFORMED, "cut off after the map's head", beat[:1]
    yield Code.MALFORMED, "a text longer than the message", b"\xdb\xff\xff\xff\xff"
    yield Code.MALFORMED, "a map larger than the message", b"\xdf\xff\xff\xff\xff"
    yield Code.MALFORMED, "an array larger than the message", b"\xdd\xff\xff\xff\xff"
    yield Code.MALFORMED, "a field twice", _twice(_BEAT, "t0_ms", 2)
    yield Code.MALFORMED, "the tag twice", _twice(_BEAT, "t", "beat")
    yield Code.TRAILING_BYTES, "one byte more", beat + b"\xc0"
    yield Code.TRAILING_BYTES, "a second message", beat + beat
    yield Code.TOO_LARGE, "one byte over 64 KiB", beat + bytes(limits.MAX_FRAME_BYTES + 1 - len(beat))
    yield Code.TOO_DEEP, "five arrays", b"\x91\x91\x91\x91\x91\xc0"
    yield Code.TOO_DEEP, "a thousand arrays", b"\x91" * 1_000
    yield Code.TOO_DEEP, "maps in maps", b"\x81\xa1t" * 100
    yield Code.TOO_DEEP, "deep inside an unknown field", _pack({**_BEAT, "more": [[[[[]]]]]})
    yield Code.UNKNOWN_MESSAGE, "a tag that nobody knows", _pack({**_BEAT, "t": "nonsense"})
    yield Code.UNKNOWN_MESSAGE, "a tag that reads like an error", _pack({"t": "missing required field `n`"})
    yield Code.UNKNOWN_MESSAGE, "a message of the other direction", _pack({"t": "echo", "t0_ms": 1})
    yield Code.UNKNOWN_MESSAGE, "no tag", _pack({"t0_ms": 1})
    yield Code.UNKNOWN_MESSAGE, "an empty map", b"\x80"
    yield Code.UNKNOWN_FIELD, "a field too many", _pack({**_BEAT, "more": 1})
    yield Code.MISSING_FIELD, "a field too few", _pack({"t": "beat"})
    yield Code.WRONG_TYPE, "a number", b"\x01"
    yield Code.WRONG_TYPE, "an array", _pack(["beat", 1])
    yield Code.WRONG_TYPE, "a tag that is a number", _pack({**_BEAT, "t": 1})
    yield Code.WRONG_TYPE, "a key that is a number", _pack({**_BEAT, 1: 1})
    yield Code.WRONG_TYPE, "a key that is bytes", _pack({b"t": "beat", "t0_ms": 1})
    yield Code.WRONG_TYPE, "a text for an integer", _pack({**_BEAT, "t0_ms": "1"})
    yield Code.WRONG_TYPE, "a float for an integer", _pack({**_BEAT, "t0_ms": 1.0})
    yield Code.WRONG_TYPE, "a boolean for an integer", _pack({**_BEAT, "t0_ms": True})
    yield Code.WRONG_TYPE, "nil for an integer", _pack({**_BEAT, "t0_ms": None})
    yield Code.WRONG_TYPE, "a timestamp for an integer", _pack({**_BEAT, "t0_ms": msgpack.Timestamp(1, 0)})
    yield Code.OUT_OF_RANGE, "below zero", _pack({**_BEAT, "t0_ms": -1})
    yield Code.OUT_OF_RANGE, "2^53", _pack({**_BEAT, "t0_ms": 2**53})
    yield Code.OUT_OF_RANGE, "2^64 - 1", _pack({**_BEAT, "t0_ms": 2**64 - 1})


def _wrong_answers() -> Iterator[tuple[Code, str, bytes]]:
    def answer(**changes: object) -> bytes:
        return _pack({**_ANSWER, **changes})

    yield Code.UNKNOWN_MESSAGE, "an order of an instructor", _pack(_EXTEND)
    yield Code.MALFORMED, "a text that is not UTF-8", answer(value="XY").replace(b"XY", b"\xff\xfe")
    yield Code.MALFORMED, "half a surrogate pair", answer(value="XYZ").replace(b"XYZ", b"\xed\xa0\x80")
    yield Code.UNKNOWN_FIELD, "an answer with a field too many", answer(more=1)
    for name in ("n", "question_id", "value", "position", "client_at_ms"):
        yield Code.MISSING_FIELD, f"an answer without {name}", _pack(_without(_ANSWER, name))
    yield Code.WRONG_TYPE, "an answer that is a number", answer(value=1)
    yield Code.WRONG_TYPE, "an answer that is a record of numbers", answer(value={"a": 1})
    yield Code.WRONG_TYPE, "an answer that is a record in a record", answer(value={"a": {"b": "x"}})
    yield Code.WRONG_TYPE, "an answer that is a record of nil", answer(value={"a": None})
    yield Code.WRONG_TYPE, "an answer that is bytes", answer(value=b"x")
    yield Code.WRONG_TYPE, "an answer that is a list of numbers", answer(value=[1])
    yield Code.WRONG_TYPE, "a question that is nil", answer(question_id=None)
    yield Code.OUT_OF_RANGE, "the number 0", answer(n=0)
    yield Code.OUT_OF_RANGE, "a question without a name", answer(question_id="")
    yield Code.OUT_OF_RANGE, "a question's name of 129 characters", answer(question_id="x" * 129)
    yield Code.OUT_OF_RANGE, "a question's name with a NUL in it", answer(question_id="q\0")
    yield Code.OUT_OF_RANGE, "65 options", answer(value=["x"] * 65)
    yield Code.OUT_OF_RANGE, "51 parts", answer(value={str(number): "x" for number in range(51)})
    yield Code.OUT_OF_RANGE, "a part without a name", answer(value={"": "x"})
    yield Code.OUT_OF_RANGE, "a pair of three", answer(value=[["a", "b", "c"]])
    yield Code.OUT_OF_RANGE, "a pair of one", answer(value=[["a"]])
    yield Code.OUT_OF_RANGE, "an option's name of 129 characters", answer(value=["x" * 129])
    yield Code.ANSWER_TOO_LONG, "16,001 characters", answer(value="x" * 16_001)
    yield Code.ANSWER_TOO_LONG, "16,001 characters of one part", answer(value={"a": "x" * 16_001})


def _wrong_orders() -> Iterator[tuple[Code, str, dict[str, Any]]]:
    yield Code.UNKNOWN_MESSAGE, "an operation of a candidate", _ANSWER
    yield Code.MISSING_FIELD, "an extension without a reason", _without(_EXTEND, "reason")
    yield Code.UNKNOWN_FIELD, "an extension with a field too many", {**_EXTEND, "more": 1}
    yield Code.WRONG_TYPE, "a reason that is nil", {**_EXTEND, "reason": None}
    yield Code.OUT_OF_RANGE, "an extension by nothing", {**_EXTEND, "add_ms": 0}
    yield Code.OUT_OF_RANGE, "an extension by more than a day", {**_EXTEND, "add_ms": limits.MAX_EXTENSION_MS + 1}
    yield Code.OUT_OF_RANGE, "a command without an id", {**_EXTEND, "command_id": ""}
    yield Code.OUT_OF_RANGE, "an empty message", {**_MESSAGE, "text": ""}
    yield Code.OUT_OF_RANGE, "a message of 2,001 characters", {**_MESSAGE, "text": "x" * 2_001}
    yield Code.OUT_OF_RANGE, "a reason of 2,001 characters", {**_EXTEND, "reason": "x" * 2_001}
