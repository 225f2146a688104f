"""What the load generator sends and waits for, encoded by the real codec.

`generator/` knows no protocol: it reads from a file what each peer says to be let in and how the answers to that begin,
the messages that all send in turn, where a number stands in them, and what stands before the same number in an
acknowledgement. Every message is framed and masked here; there only its number is written over.
"""

import secrets
import struct
import time
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from loadtest.bench.control import Seat
from loadtest.bench.exam import OPTIONS, QUESTIONS, question_id
from loadtest.bench.frames import MAX_SMALL, handshake, masked
from protocol import codec, limits
from protocol.messages.base import Message
from protocol.messages.candidate import Ack, Hello, Welcome
from protocol.messages.connection import Goodbye, RefusedOp
from protocol.messages.operations import Answer, Start

FIRST_NUMBER: Final = 257
"""Of a peer's messages: in `generator/` it is the same. From 256 to 65,535 MessagePack writes a number in two bytes, so
that one can be written over another."""
_START: Final = FIRST_NUMBER - 1
_TWO_BYTES: Final = b"\xcd"
_SWITCHED: Final = b"HTTP/1.1 101"


class Script(msgspec.Struct, frozen=True):
    """`said`: what each peer says, one thing after the other; `awaited`: how the answer to each begins. Then it sends
    `messages`, each with the next number. What begins with `reply` and a number acknowledges all up to that; what
    begins as one of `failing` is a failure."""

    said: Sequence[Sequence[bytes]]
    awaited: Sequence[bytes]
    messages: Sequence[Message]
    reply: bytes
    failing: Sequence[bytes] = ()

    def encoded(self) -> bytes:
        """As `generator/` reads it: numbers of four bytes, and pieces with their size before them."""
        data = [codec.encode(message) for message in self.messages]
        number_at = len(_number_of(Answer))
        assert all(len(one) <= MAX_SMALL and one[:number_at] == _number_of(Answer) for one in data)
        head = struct.pack("=5I", len(self.said), len(self.awaited), len(data), len(self.failing), number_at)
        framed = (masked(one, secrets.token_bytes(4)) for one in data)
        said = (one for peer in self.said for one in peer)
        return head + b"".join(_pieces((*self.awaited, self.reply, *self.failing, *framed, *said)))

    def sent(self, peer: int, number: int) -> Message:
        """What this peer has sent with this number."""
        return self.messages[(peer + number) % len(self.messages)]


def echo_script(peers: int) -> Script:
    """The answers of `candidate_script`, to a server that sends each of them back."""
    said = [[handshake("/")] for _ in range(peers)]
    return Script(said, [_SWITCHED], _answers(), _number_of(Answer))


def candidate_script(seats: Iterable[Seat]) -> Script:
    """Candidates connect, are welcome, start, and answer one question after the other."""
    said = [
        [handshake(f"/ws/attempts/{seat.id}"), _framed(_hello(seat.token)), _framed(Start(_START, None, 0))]
        for seat in seats
    ]
    started = _number_of(Ack) + _START.to_bytes(2, "big")
    failing = [_beginning(RefusedOp), _beginning(Goodbye)]
    return Script(said, [_SWITCHED, _beginning(Welcome), started], _answers(), _number_of(Ack), failing)


def _answers() -> list[Answer]:
    """Each question in turn, and when all are answered another option of each."""
    now_ms = int(time.time() * 1_000)
    return [
        Answer(FIRST_NUMBER, question_id(place % QUESTIONS), _option(place), place % QUESTIONS, now_ms)
        for place in range(QUESTIONS * len(OPTIONS))
    ]


def _option(place: int) -> str:
    return OPTIONS[(place + place // QUESTIONS) % len(OPTIONS)]


def _hello(token: str) -> Hello:
    version = limits.PROTOCOL_VERSION
    return Hello(version, token, "bench/1", version, [], "device", 1, True, None, None)


def _framed(message: Message) -> bytes:
    return masked(codec.encode(message), secrets.token_bytes(4))


def _beginning(kind: type[Message]) -> bytes:
    """How every message of this kind begins: the size of its map, and its tag."""
    size = len(kind.__struct_fields__) + 1
    head = bytes((0x80 | size,)) if size < 16 else b"\xde" + size.to_bytes(2, "big")
    return head + msgspec.msgpack.encode("t") + msgspec.msgpack.encode(codec.tag_of(kind))


def _number_of(kind: type[Message]) -> bytes:
    """How every message of this kind begins whose number has two bytes, up to these."""
    return _beginning(kind) + msgspec.msgpack.encode("n") + _TWO_BYTES


def _pieces(data: Iterable[bytes]) -> Iterable[bytes]:
    for one in data:
        yield struct.pack("=I", len(one))
        yield one
