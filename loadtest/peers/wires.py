"""What the load generator says to the peers: the same answers as to ours, in the words of each."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Final

import msgspec

from loadtest.bench.frames import handshake, masked
from loadtest.bench.script import SWITCHED, Log, Script, Watching, answers
from protocol.messages.operations import Answer

IN_A_ROOM: Final = 100
"""Candidates whom one monitor watches, as in an organisation of ours."""
_ENGINE: Final = "/socket.io/?EIO=4&transport=websocket"
_NO_MASK: Final = bytes(4)


def attempts(candidates: int) -> list[str]:
    """Their ids, as long as ours are."""
    return [f"attempt-{number:024}" for number in range(candidates)]


def room_of(number: int) -> str:
    """Of the candidate with this number."""
    return f"room-{number // IN_A_ROOM}"


def rooms(candidates: int) -> list[str]:
    return [room for room, _ in groupby(map(room_of, range(candidates)))]


def socketio(candidates: int, first_number: int) -> Script:
    """Engine.IO and Socket.IO as text: an event that asks for an acknowledgement has a number before its arguments."""
    said = [_joining(attempt=attempt, room=room_of(number)) for number, attempt in enumerate(attempts(candidates))]
    monitors = [_joining(monitor=True, room=room) for room in rooms(candidates)]
    watching = Watching(monitors, [SWITCHED, b"0{", b"40{"], b'42["row",', rows_each=1)
    return _script(said, b"answer", watching, first_number)


def socketio_echo(candidates: int, first_number: int) -> Script:
    """The same answers, which are sent back, and nothing else is done with them."""
    said = [_joining(attempt=attempt, room=room_of(number)) for number, attempt in enumerate(attempts(candidates))]
    return _script(said, b"echo", Watching([], [], b""), first_number)


def channels(candidates: int, first_number: int) -> Script:
    """JSON as text, with paths of our own choice: Channels has no protocol."""
    sent = answers()
    bodies = [_body(one) for one in sent]
    return Script(
        said=[
            [handshake(f"/ws/rooms/{room_of(number)}/attempts/{attempt}")]
            for number, attempt in enumerate(attempts(candidates))
        ],
        awaited=[SWITCHED],
        answers=sent,
        messages=bodies,
        number_at=[_number_in(bodies[0])],
        reply=b'{"ack": ',
        is_text=True,
        watching=Watching(
            [[handshake(f"/ws/rooms/{room}/monitor")] for room in rooms(candidates)],
            [SWITCHED],
            b'{"row": ',
            rows_each=1,
        ),
        first_number=first_number,
    )


def _script(said: Sequence[Sequence[bytes]], event: bytes, watching: Watching, first_number: int) -> Script:
    sent = answers()
    messages = [b'42%05d["%s",%s]' % (first_number, event, _body(one)) for one in sent]
    return Script(
        said=said,
        awaited=[SWITCHED, b"0{", b"40{"],
        answers=sent,
        messages=messages,
        number_at=[len(b"42"), _number_in(messages[0])],
        reply=b"43",
        # It refuses the connection, or ends it.
        failing=[b"44", b"41"],
        is_text=True,
        ping=b"2",
        pong=masked(b"3", _NO_MASK, text=True),
        watching=watching,
        first_number=first_number,
    )


def _joining(**auth: object) -> list[bytes]:
    """The server says first that its engine is open."""
    return [handshake(_ENGINE), b"", masked(b"40" + msgspec.json.encode(auth), _NO_MASK, text=True)]


def _body(answer: Answer) -> bytes:
    return msgspec.json.encode(
        {
            "n": answer.n,
            "question": answer.question_id,
            "value": answer.value,
            "position": answer.position,
            "at": answer.client_at_ms,
        }
    )


def _number_in(message: bytes) -> int:
    """Where the number stands in the body."""
    return message.index(b'"n":') + len(b'"n":')


def log_of(rows: Iterable[tuple[str, int, str, str]]) -> Log:
    """The rows of the table, as a log is held against what was sent."""
    log: Log = {}
    for attempt, n, question, value in rows:
        log.setdefault(attempt, {})[n] = question, value
    return log
