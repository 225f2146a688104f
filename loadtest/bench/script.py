"""What the load generator sends and waits for, encoded by the real codec.

`generator/` knows no protocol: it reads from a file what each peer says to be let in and how the answers to that begin,
the messages that all send in turn, where a number stands in them, and what stands before the same number in an
acknowledgement. Every message is framed and masked here; there only its number is written over. Watchers come after
all who send, and only listen.
"""

import secrets
import struct
import time
from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec

from loadtest.bench.control import Seat
from loadtest.bench.exam import OPTIONS, QUESTIONS, question_id
from loadtest.bench.frames import MAX_SMALL, handshake, masked
from protocol import codec, limits
from protocol.messages.base import Message
from protocol.messages.candidate import Ack, Hello, Welcome
from protocol.messages.connection import Goodbye, RefusedOp
from protocol.messages.monitor import MonitorHello, MonitorWelcome, Roster, Rows
from protocol.messages.operations import Answer, Start

FIRST_NUMBER: Final = 10_001
"""Of a peer's messages. From 10,000 to 65,535 a number has two bytes in MessagePack and five digits in text, so that
one can be written over another."""
_TWO_BYTES: Final = b"\xcd"
SWITCHED: Final = b"HTTP/1.1 101"
_MOST_PLACES: Final = 2


class Watching(msgspec.Struct, frozen=True):
    """What each watcher says, what it waits for, and how a message with rows begins. `rows_each`: such messages that
    belong to each acknowledged message, of all watchers together; 0: as many as there are."""

    said: Sequence[Sequence[bytes]]
    awaited: Sequence[bytes]
    row: bytes
    rows_each: int = 0


Log = dict[str, dict[int, tuple[str, Any]]]
"""Attempt → number of the operation → question and value."""
NOBODY: Final = Watching([], [], b"")


class Script(msgspec.Struct, frozen=True):
    """`said`: what each peer says, one thing after the other, and nothing where a step only waits; `awaited`: how the
    answer to each begins. Then it sends `answers`, each with the next number, as `messages` say: their bytes, with a
    number at `number_at`. What begins with `reply` and a number acknowledges all up to that, in text this one alone;
    what begins as one of `failing` is a failure. `ping` is answered with the frame `pong`."""

    said: Sequence[Sequence[bytes]]
    awaited: Sequence[bytes]
    answers: Sequence[Answer]
    messages: Sequence[bytes]
    number_at: Sequence[int]
    reply: bytes
    failing: Sequence[bytes] = ()
    is_text: bool = False
    ping: bytes = b""
    pong: bytes = b""
    watching: Watching = NOBODY
    first_number: int = FIRST_NUMBER

    def encoded(self) -> bytes:
        """As `generator/` reads it: numbers of four bytes, and pieces with their size before them."""
        assert all(len(one) <= MAX_SMALL for one in self.messages), "their numbers stand behind a short header"
        watching, places = self.watching, [*self.number_at, *[0] * _MOST_PLACES][:_MOST_PLACES]
        counts = (
            *(len(self.said), len(watching.said), len(self.awaited), len(watching.awaited)),
            *(len(self.messages), len(self.failing), self.first_number, self.is_text, watching.rows_each),
            *(len(self.number_at), *places),
        )
        framed = (masked(one, secrets.token_bytes(4), text=self.is_text) for one in self.messages)
        pieces = (
            *(*self.awaited, *watching.awaited, self.reply, watching.row, self.ping, self.pong, *self.failing),
            *framed,
            *(one for peer in self.said for one in peer),
            *(one for watcher in watching.said for one in watcher),
        )
        return struct.pack(f"={len(counts)}I", *counts) + b"".join(_pieces(pieces))

    def sent(self, peer: int, number: int) -> Answer:
        """What this peer has sent with this number."""
        return self.answers[(peer + number) % len(self.answers)]

    def its_part(self, log: Log) -> Log:
        """What a log has of these numbers: the same candidates may have sent others before."""
        return {
            name: {number: one for number, one in answers.items() if number >= self.first_number}
            for name, answers in log.items()
        }


def echo_script(peers: int) -> Script:
    """The answers of `candidate_script`, to a server that sends each of them back."""
    said = [[handshake("/")] for _ in range(peers)]
    sent = answers()
    return Script(said, [SWITCHED], sent, [codec.encode(one) for one in sent], [_NUMBER_AT], _number_of(Answer))


def candidate_script(seats: Iterable[Seat], watchers: Iterable[Seat] = (), first_number: int = FIRST_NUMBER) -> Script:
    """Candidates connect, are welcome, start, and answer one question after the other. `watchers`: instructors, each
    with the id of a test. Who comes again has higher numbers."""
    # Who has started already sends it again, with its old number.
    start = FIRST_NUMBER - 1
    said = [
        [
            handshake(f"/ws/attempts/{seat.id}"),
            _framed(_hello(seat.token, first_number)),
            _framed(Start(start, None, 0)),
        ]
        for seat in seats
    ]
    started = _number_of(Ack) + start.to_bytes(2, "big")
    sent = answers()
    return Script(
        said=said,
        awaited=[SWITCHED, _beginning(Welcome), started],
        answers=sent,
        messages=[codec.encode(one) for one in sent],
        number_at=[_NUMBER_AT],
        reply=_number_of(Ack),
        failing=[_beginning(RefusedOp), _beginning(Goodbye)],
        watching=_watching(watchers),
        first_number=first_number,
    )


def _watching(seats: Iterable[Seat]) -> Watching:
    version = limits.PROTOCOL_VERSION
    said = [
        [
            handshake(f"/ws/monitor/{seat.id}"),
            _framed(MonitorHello(version, seat.token, "bench/1", version, [])),
            # The room follows by itself.
            b"",
        ]
        for seat in seats
    ]
    return Watching(said, [SWITCHED, _beginning(MonitorWelcome), _beginning(Roster)], _beginning(Rows))


def answers() -> list[Answer]:
    """Each question in turn, and when all are answered another option of each."""
    now_ms = int(time.time() * 1_000)
    return [
        Answer(FIRST_NUMBER, question_id(place % QUESTIONS), _option(place), place % QUESTIONS, now_ms)
        for place in range(QUESTIONS * len(OPTIONS))
    ]


def _option(place: int) -> str:
    return OPTIONS[(place + place // QUESTIONS) % len(OPTIONS)]


def _hello(token: str, connect_n: int) -> Hello:
    version = limits.PROTOCOL_VERSION
    return Hello(version, token, "bench/1", version, [], "device", connect_n, True, None, None)


def _framed(message: msgspec.Struct) -> bytes:
    return masked(codec.encode(message), secrets.token_bytes(4))


def _beginning(kind: type[Message]) -> bytes:
    """How every message of this kind begins: the size of its map, and its tag."""
    size = len(kind.__struct_fields__) + 1
    head = bytes((0x80 | size,)) if size < 16 else b"\xde" + size.to_bytes(2, "big")
    return head + msgspec.msgpack.encode("t") + msgspec.msgpack.encode(codec.tag_of(kind))


def _number_of(kind: type[Message]) -> bytes:
    """How every message of this kind begins whose number has two bytes, up to these."""
    return _beginning(kind) + msgspec.msgpack.encode("n") + _TWO_BYTES


_NUMBER_AT: Final = len(_number_of(Answer))


def _pieces(data: Iterable[bytes]) -> Iterable[bytes]:
    for one in data:
        yield struct.pack("=I", len(one))
        yield one
