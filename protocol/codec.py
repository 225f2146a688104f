"""Turns bytes into messages and back, and enforces the limits. A message that does not fit is refused by name."""

import re
from typing import Final, TypeVar, get_args

import msgspec

from protocol import limits
from protocol.codes import Code
from protocol.errors import WireError, refuse
from protocol.messages.base import AnyHello, Id, Message
from protocol.messages.directions import FromCandidate, FromInstructor, ToCandidate, ToInstructor
from protocol.messages.operations import Answer

_M = TypeVar("_M", bound=Message)

_candidate: Final[msgspec.msgpack.Decoder[FromCandidate]] = msgspec.msgpack.Decoder(FromCandidate)
_instructor: Final[msgspec.msgpack.Decoder[FromInstructor]] = msgspec.msgpack.Decoder(FromInstructor)
_to_candidate: Final[msgspec.msgpack.Decoder[ToCandidate]] = msgspec.msgpack.Decoder(ToCandidate)
_to_instructor: Final[msgspec.msgpack.Decoder[ToInstructor]] = msgspec.msgpack.Decoder(ToInstructor)
_encoder: Final = msgspec.msgpack.Encoder()

encode = _encoder.encode
"""A message's bytes: one MessagePack map, the tag `t` first, then the fields in the order of their definition."""


def decode_from_candidate(data: bytes) -> FromCandidate:
    """Raises `WireError`."""
    message = _decode(_candidate, data)
    if type(message) is Answer and "\0" in message.question_id:
        raise WireError(refuse(Code.OUT_OF_RANGE, "The field question_id has a value out of range."), message.n)
    return message


def decode_from_instructor(data: bytes) -> FromInstructor:
    """Raises `WireError`."""
    return _decode(_instructor, data)


def _decode(decoder: msgspec.msgpack.Decoder[_M], data: bytes) -> _M:
    if len(data) > limits.MAX_FRAME_BYTES:
        raise WireError(refuse(Code.TOO_LARGE), _number_in(data))
    try:
        message = decoder.decode(data)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise explain(data, error) from None
    head = _HEADS.get(type(message))
    if data[0] == head:
        return message
    if head is None or isinstance(message, AnyHello):
        is_twice = _names_twice(data)
    else:
        is_twice = _map_size(data) != len(message.__struct_fields__) + 1
    if is_twice:
        raise WireError(refuse(Code.MALFORMED, "A field of this message is named twice."), _number_in(data))
    return message


_HEADS: Final = {
    kind: 0x80 | len(kind.__struct_fields__) + 1
    for kind in get_args(FromCandidate | FromInstructor)
    if all(field.required for field in msgspec.structs.fields(kind))
}
"""The first byte of a message without duplicates, in the shortest form. Where a field may be left out it tells nothing:
another one may be there twice."""


def _map_size(data: bytes) -> int:
    """Entries that the message's map announces. Where all fields are required and no other is allowed, more than that
    are duplicates, of which every language takes another one."""
    width = {0xDE: 2, 0xDF: 4}.get(data[0], 0)
    return int.from_bytes(data[1 : 1 + width], "big") if width else data[0] & 15


def _names_twice(data: bytes) -> bool:
    """Whether a map names a field twice, or has more than anybody sends."""
    step = _step(data, 0)
    names: set[str] = set()
    position = begins = 0 if step is None else step[0]
    is_key, inside = True, 0
    for _ in range(_MAX_SCANNED):
        if position >= len(data):
            return False
        position, children = _step(data, position) or (len(data), None)
        inside += (children or 0) - (1 if inside else 0)
        if inside:
            continue
        if is_key:
            name = _key.decode(data[begins:position])
            if name in names:
                return True
            names.add(name)
        begins, is_key = position, not is_key
    return True


def decode_to_candidate(data: bytes) -> ToCandidate:
    """What a candidate's client reads. Raises `msgspec.DecodeError` or `UnicodeDecodeError`."""
    return _to_candidate.decode(data)


def decode_to_instructor(data: bytes) -> ToInstructor:
    """What an instructor's client reads. Raises `msgspec.DecodeError` or `UnicodeDecodeError`."""
    return _to_instructor.decode(data)


def tag_of(message: type[Message]) -> str:
    """The value of `t` for one type of message."""
    tag = message.__struct_config__.tag
    assert isinstance(tag, str)
    return tag


# Anchored, because the middle of such a text may be the sender's.
_UNKNOWN_FIELD: Final = re.compile(r"Object contains unknown field `([^`]{0,80})")
_MISSING_FIELD: Final = re.compile(r"Object missing required field `([^`]{1,80})`")
_UNKNOWN_TAG: Final = re.compile(r"Invalid value .* - at `\$\.t`$", re.DOTALL)
_OUT_OF_RANGE: Final = re.compile(r"Expected `[a-z]+` (of length|[<>=]|matching)|Invalid enum value|.* out of range")
_AT_FIELD: Final = re.compile(r" - at `\$\.?([^`]{1,80})`$")


def explain(data: bytes, error: Exception) -> WireError:
    """The refusal for bytes that a decoder has rejected. It runs after the rejection, so good messages pay nothing."""
    depth_code = _scan(data)
    shape = refuse(depth_code) if depth_code is not None else explain_shape(str(error)).refusal
    return WireError(shape, _number_in(data))


def explain_json(error: Exception) -> WireError:
    """The same for JSON. Takes what a JSON decoder of msgspec raises."""
    if isinstance(error, msgspec.ValidationError):
        return explain_shape(str(error))
    if isinstance(error, RecursionError):
        return WireError(refuse(Code.TOO_DEEP))
    return WireError(refuse(Code.TRAILING_BYTES if "trailing characters" in str(error) else Code.MALFORMED))


def explain_shape(text: str) -> WireError:
    """The name of what a msgspec error says. Values from outside are never repeated."""
    if found := _UNKNOWN_FIELD.match(text):
        name = found.group(1)
        shown = f" ({name})" if re.fullmatch(r"[A-Za-z0-9_]{1,40}", name) else ""
        return WireError(refuse(Code.UNKNOWN_FIELD, f"This message has a field that does not belong to it{shown}."))
    if found := _MISSING_FIELD.match(text):
        if found.group(1) == "t":
            return WireError(refuse(Code.UNKNOWN_MESSAGE))
        return WireError(refuse(Code.MISSING_FIELD, f"The field {found.group(1)} is missing."))
    if _UNKNOWN_TAG.match(text):
        return WireError(refuse(Code.UNKNOWN_MESSAGE))
    at = _AT_FIELD.search(text)
    where = f"The field {at.group(1)}" if at and at.group(1) else "The message"
    if text.startswith(f"Expected `str` of length <= {limits.MAX_ANSWER_CHARS}") and "value" in where:
        return WireError(refuse(Code.ANSWER_TOO_LONG))
    if _OUT_OF_RANGE.match(text):
        return WireError(refuse(Code.OUT_OF_RANGE, f"{where} has a value out of range."))
    if text.startswith(("Expected `", "Invalid ")):
        return WireError(refuse(Code.WRONG_TYPE, f"{where} has the wrong type."))
    return WireError(refuse(Code.MALFORMED))


_MAX_SCANNED: Final = 1_024
"""Values that are walked over to name a fault. No message from a client has a tenth of that, and each takes time in
which nobody else is served: 64 KiB of them took a tenth of a second."""


def _scan(data: bytes) -> Code | None:
    """Walks one MessagePack value without building it: malformed, trailing bytes, too deep, or None: something else, or
    not to be seen at its beginning."""
    end = len(data)
    position = scanned = 0
    open_items = [1]
    while open_items:
        if open_items[-1] == 0:
            open_items.pop()
            continue
        open_items[-1] -= 1
        if position >= end:
            return Code.MALFORMED
        if scanned >= _MAX_SCANNED:
            return None
        scanned += 1
        step = _step(data, position)
        if step is None:
            return Code.MALFORMED
        position, children = step
        if position > end:
            return Code.MALFORMED
        if children is not None:
            if len(open_items) > limits.MAX_DEPTH:
                return Code.TOO_DEEP
            open_items.append(children)
    return Code.TRAILING_BYTES if position < end else None


def text_in(data: bytes, field: str) -> str | None:
    """The text of this field in a message that cannot be read as a whole; None where it is no `Id`."""
    position = _value_of(data, _text(field))
    if position is None or position >= len(data):
        return None
    step = _step(data, position)
    if step is None or step[1] is not None or step[0] > len(data):
        return None
    try:
        return _id.decode(data[position : step[0]])
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def _number_in(data: bytes) -> int | None:
    """The field `n` of a message that cannot be read as a whole."""
    position = _value_of(data, _NUMBER_KEY)
    return None if position is None else _number_at(data, position)


def _value_of(data: bytes, key: bytes) -> int | None:
    """Where the value of this key begins in a map, found without building anything."""
    step = _step(data, 0) if data and (data[0] & 0xF0 == 0x80 or data[0] in (0xDE, 0xDF)) else None
    if step is None:
        return None
    position = begins = step[0]
    is_key, inside = True, 0
    for _ in range(_MAX_SCANNED):
        step = _step(data, position) if position < len(data) else None
        if step is None:
            return None
        position = step[0]
        inside += (step[1] or 0) - (1 if inside else 0)
        if inside:
            continue
        # A whole key, or the whole value of one.
        if is_key and data[begins:position] == key:
            return position
        begins, is_key = position, not is_key
    return None


def _number_at(data: bytes, position: int) -> int | None:
    if position >= len(data):
        return None
    head = data[position]
    width = {0xCC: 1, 0xCD: 2, 0xCE: 4, 0xCF: 8}.get(head, 0)
    number = int.from_bytes(data[position + 1 : position + 1 + width], "big") if width else head
    whole = position + width < len(data) and (width or head <= 0x7F)
    return number if whole and 1 <= number <= limits.MAX_INT else None


_text: Final = msgspec.msgpack.Encoder().encode
_id: Final = msgspec.msgpack.Decoder(Id)
_key: Final = msgspec.msgpack.Decoder(str)
_NUMBER_KEY: Final = _text("n")
_FIXED_SIZES: Final = {
    0xC0: 0, 0xC2: 0, 0xC3: 0, 0xCA: 4, 0xCB: 8, 0xCC: 1, 0xCD: 2, 0xCE: 4, 0xCF: 8,
    0xD0: 1, 0xD1: 2, 0xD2: 4, 0xD3: 8, 0xD4: 2, 0xD5: 3, 0xD6: 5, 0xD7: 9, 0xD8: 17,
}  # fmt: skip
_LENGTH_SIZES: Final = {
    0xC4: (1, 0), 0xC5: (2, 0), 0xC6: (4, 0), 0xC7: (1, 1), 0xC8: (2, 1), 0xC9: (4, 1),
    0xD9: (1, 0), 0xDA: (2, 0), 0xDB: (4, 0),
}  # fmt: skip
_CONTAINERS: Final = {0xDC: (2, 1), 0xDD: (4, 1), 0xDE: (2, 2), 0xDF: (4, 2)}


def _step(data: bytes, position: int) -> tuple[int, int | None] | None:
    """One header of the MessagePack format: where the next value begins, and how many values lie inside this one."""
    head = data[position]
    position += 1
    if head <= 0x7F or head >= 0xE0:
        return position, None
    if head <= 0x8F:
        return position, 2 * (head & 15)
    if head <= 0x9F:
        return position, head & 15
    if head <= 0xBF:
        return position + (head & 31), None
    if head in _FIXED_SIZES:
        return position + _FIXED_SIZES[head], None
    if head in _LENGTH_SIZES:
        width, extra = _LENGTH_SIZES[head]
        return position + width + extra + int.from_bytes(data[position : position + width], "big"), None
    if head in _CONTAINERS:
        width, factor = _CONTAINERS[head]
        return position + width, factor * int.from_bytes(data[position : position + width], "big")
    return None
