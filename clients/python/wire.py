"""Messages to bytes and back through the `msgpack` package: an encoder that shares nothing with the server's."""

from typing import Any, Final, get_args

import msgpack  # type: ignore[import-untyped]
import msgspec

from protocol import limits
from protocol.messages.base import Message
from protocol.messages.directions import ToCandidate, ToInstructor

MAX_SERVER_MESSAGE_BYTES: Final = limits.OUTBOX_BYTES
"""The server holds no more than this for one socket, so no message of its own is larger."""


class UnreadableMessage(Exception):
    """The server sent something that is no message for this client."""


class NewerMessage(UnreadableMessage):
    """A message of a kind that only newer clients know: to be passed over."""


def _by_tag(union: Any) -> dict[str, type[Message]]:
    return {str(kind.__struct_config__.tag): kind for kind in get_args(union)}


_TO_CANDIDATE: Final = _by_tag(ToCandidate)
_TO_INSTRUCTOR: Final = _by_tag(ToInstructor)


def pack(message: Message) -> bytes:
    """The bytes of one message: a map, the tag first, then the fields in the order of their definition."""
    packed: bytes = msgpack.packb(msgspec.to_builtins(message))
    return packed


def unpack_to_candidate(data: bytes) -> ToCandidate:
    """Raises `UnreadableMessage`, and `NewerMessage` for one of a kind that is not known here."""
    message: ToCandidate = _unpack(data, _TO_CANDIDATE)
    return message


def unpack_to_instructor(data: bytes) -> ToInstructor:
    """The same for an instructor's client."""
    message: ToInstructor = _unpack(data, _TO_INSTRUCTOR)
    return message


def _unpack(data: bytes, kinds: dict[str, type[Message]]) -> Any:
    # The type is looked up by its tag and not given to msgspec as a union, which it would take apart at every call.
    try:
        fields = msgpack.unpackb(data)
        if isinstance(fields["t"], str) and fields["t"] not in kinds:
            raise NewerMessage(fields["t"])
        return msgspec.convert(fields, kinds[fields["t"]])
    except (ValueError, TypeError, KeyError, RecursionError, msgspec.ValidationError, msgpack.UnpackException) as error:
        raise UnreadableMessage(f"{type(error).__name__}: {error}") from error
