"""Where a client's frame ends, and the frames of whole messages: nearly all there are (RFC 6455, section 5.2)."""

from typing import Final

from websockets.frames import apply_mask  # type: ignore[attr-defined]

_HEAD: Final = 2
_MASK: Final = 4
_PLAIN: Final = 0x82
"""A whole message of bytes in one frame, without reserved bits."""
_SHORT: Final = 125
"""The longest payload whose length stands in the second byte."""
_MASKED: Final = 0x80
_OPCODES: Final = (0x0, 0x1, 0x2, 0x8, 0x9, 0xA)
_HEADS: Final = [bytes((_PLAIN, size)) for size in range(_SHORT + 1)]


def first_frame(received: bytes | bytearray, most: int) -> int:
    """The bytes of the first frame in `received`; 0: more of it is to come. Where the parser says no as soon as it has
    the head (no mask, an unknown opcode, more than `most` bytes of payload), nothing is waited for: all bytes then."""
    if len(received) < _HEAD:
        return 0
    size, begin = received[1] & 0x7F, _HEAD + _MASK
    if not received[1] & _MASKED or received[0] & 0x0F not in _OPCODES:
        return len(received)
    if size > _SHORT:
        width = 2 if size == _SHORT + 1 else 8
        if len(received) < _HEAD + width:
            return 0
        size = int.from_bytes(received[_HEAD : _HEAD + width], "big")
        if size > most:
            return len(received)
        begin += width
    end = begin + size
    return end if end <= len(received) else 0


def whole_message(frame: bytes) -> bytes | None:
    """What a client's frame says if it is a whole message of bytes of 64 KiB at most, and nothing follows it."""
    begin = _HEAD
    if len(frame) < _HEAD + _MASK or frame[0] != _PLAIN:
        return None
    size = frame[1] - _MASKED
    if size == _SHORT + 1:
        begin += 2
        size = int.from_bytes(frame[_HEAD:begin], "big")
        if size <= _SHORT:
            return None
    elif not 0 <= size <= _SHORT:
        return None
    if len(frame) != begin + _MASK + size:
        return None
    return apply_mask(frame[begin + _MASK :], frame[begin : begin + _MASK])


def short_frame(message: bytes) -> bytes | None:
    """The server's frame of a short message of bytes; None: it is longer."""
    size = len(message)
    return _HEADS[size] + message if size <= _SHORT else None
