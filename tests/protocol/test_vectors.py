"""The committed vectors, against both encoders of ours: msgspec and the `msgpack` package."""

import json
from pathlib import Path
from typing import Any, get_args

import msgpack  # type: ignore[import-untyped]
import msgspec
import pytest

import protocol
from clients.vectors import DIRECTIONS, vectors
from protocol import codec
from protocol.codes import Code
from protocol.errors import WireError

ROOT = Path(protocol.__file__).parent
VALID: list[dict[str, Any]] = json.loads((ROOT / "vectors" / "valid.json").read_text("utf-8"))
INVALID: list[dict[str, Any]] = json.loads((ROOT / "vectors" / "invalid.json").read_text("utf-8"))
DECODE = {
    "from_candidate": codec.decode_from_candidate,
    "to_candidate": codec.decode_to_candidate,
    "from_instructor": codec.decode_from_instructor,
    "to_instructor": codec.decode_to_instructor,
}


def named(vector: dict[str, Any]) -> str:
    return f"{vector['direction']}: {vector['name']}"


def test_the_files_are_fresh() -> None:
    for path, text in vectors().items():
        assert (ROOT.parent / path).read_text("utf-8") == text, f"run `python -m clients.generate` ({path})"


@pytest.mark.parametrize("vector", VALID, ids=named)
def test_a_valid_message_has_exactly_these_bytes(vector: dict[str, Any]) -> None:
    data = bytes.fromhex(vector["hex"])
    message = msgspec.convert(vector["message"], DIRECTIONS[vector["direction"]])
    assert codec.encode(message) == data
    assert msgpack.packb(vector["message"]) == data
    assert DECODE[vector["direction"]](data) == message
    assert msgpack.unpackb(data) == vector["message"]
    assert next(iter(vector["message"])) == "t"


@pytest.mark.parametrize("vector", INVALID, ids=named)
def test_invalid_bytes_are_refused_with_exactly_this_code(vector: dict[str, Any]) -> None:
    with pytest.raises(WireError) as refused:
        DECODE[vector["direction"]](bytes.fromhex(vector["hex"]))
    assert refused.value.refusal.code == vector["code"]
    assert refused.value.refusal.detail


def test_every_message_of_every_direction_has_vectors() -> None:
    for direction, union in DIRECTIONS.items():
        tags = [vector["message"]["t"] for vector in VALID if vector["direction"] == direction]
        for kind in get_args(union):
            assert tags.count(codec.tag_of(kind)) >= 3


def test_every_refusal_of_the_wire_has_vectors() -> None:
    assert {vector["code"] for vector in INVALID} == {
        Code.MALFORMED, Code.TRAILING_BYTES, Code.TOO_LARGE, Code.TOO_DEEP, Code.UNKNOWN_MESSAGE, Code.UNKNOWN_FIELD,
        Code.MISSING_FIELD, Code.WRONG_TYPE, Code.OUT_OF_RANGE, Code.ANSWER_TOO_LONG,
    }  # fmt: skip


def test_every_border_of_the_encoding_is_among_them() -> None:
    """The first byte of each MessagePack format that our messages use."""
    found = {byte for vector in VALID for byte in formats(bytes.fromhex(vector["hex"]))}
    assert found >= {0xC0, 0xC2, 0xC3, 0xCC, 0xCD, 0xCE, 0xCF, 0xD9, 0xDA, 0xDC, 0xDE, 0x80, 0x90, 0xA0, 0x00}


def formats(data: bytes) -> set[int]:
    """The format bytes, the fixed ones without their lengths."""
    found = set()
    position = 0
    while position < len(data):
        head = data[position]
        if head >= 0xC0:
            found.add(head)
        elif head >= 0xA0:
            found.add(0xA0)
        elif head >= 0x80:
            found.add(head & 0xF0)
        else:
            found.add(0x00)
        step = codec._step(data, position)
        assert step is not None
        position = step[0]
    return found
