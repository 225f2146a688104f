"""What happened, as the clients saw it, one event a line of JSON.

`at_ms` is the recorder's clock (one for the whole history), `who` a client, an instructor, a node or the nemesis.
An operation is invoked once, sent once or more, and ends at most once as `ok`, `fail` or `info`: `ok` is the server's
word that it is durable, `fail` its word that it is not and will not be; whatever else (a time-out, a lost connection,
a refusal for the time being) is `info`: nobody knows.
"""

from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import Any, Final

import msgspec

from protocol.messages.monitor import Row
from protocol.messages.state import AttemptState


class Base(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="e", kw_only=True):
    """Base of every event."""

    at_ms: int
    who: str


class Admission(msgspec.Struct, frozen=True, kw_only=True):
    """What a test asks of whoever begins: to be let in, to be enrolled, and so many attempts at most (nil: any
    number)."""

    waiting_room: bool = False
    max_attempts: int | None = None
    enrolment: bool = False


class Setup(Base, frozen=True, tag="setup", kw_only=True):
    """What the server was told, and what may be asked of it. Milliseconds.

    `scan_ms` is the sweeper's interval, `gone_ms` the silence after which a node is taken for dead, `clock_error_ms`
    how far the nodes' clocks may be apart, `heal_ms` the time after healing in which views must be right again,
    `settled_ms` for how long there had been nothing left to do when it was quiet (who waits until everything is right
    need not wait longer), `back_ms` the longest window for coming back that was announced (heartbeats that have to be
    missed first included), `return_ms` the same for whoever knows that she was cut off, `lag_ms` what the recorder
    itself may be late. `nodes` are all nodes that there are, `bounds` the greatest values allowed of the gauges in the
    history. `tests` are the rules of admission of those tests that have some.
    """

    scan_ms: int
    lease_ms: int = 5_000
    gone_ms: int = 20_000
    clock_error_ms: int = 100
    heal_ms: int = 10_000
    settled_ms: int = 10_000
    back_ms: int = 20_000
    return_ms: int = 8_000
    lag_ms: int = 0
    nodes: list[str] = []
    bounds: dict[str, int] = {}
    tests: dict[str, Admission] = {}


class Invoke(Base, frozen=True, tag="invoke", kw_only=True):
    """Somebody asks for something. `op` names it uniquely; `kind` is the wire's tag (`answer`, `submit`, `extend`…) and
    `body` the message's fields without number and client's clock, which is `client_at_ms` (nil for staff)."""

    op: str
    attempt_id: str
    kind: str
    body: dict[str, Any]
    client_at_ms: int | None


class Sent(Base, frozen=True, tag="sent", kw_only=True):
    """It left, over this connection (nil: REST) with this number (nil: none)."""

    op: str
    connection_id: str | None
    n: int | None


class Ok(Base, frozen=True, tag="ok", kw_only=True):
    """The server says that it is durable, and the log has `seq` records by then."""

    op: str
    connection_id: str | None
    n: int | None
    seq: int
    committed_at_ms: int | None


class Fail(Base, frozen=True, tag="fail", kw_only=True):
    """The server says that it was not accepted and changed nothing."""

    op: str
    connection_id: str | None
    n: int | None
    code: str


class Info(Base, frozen=True, tag="info", kw_only=True):
    """Nobody knows what has become of it."""

    op: str
    what: str


class Arrived(Base, frozen=True, tag="arrived", kw_only=True):
    """A client says hello, or comes over REST: which device it is, which try, and whether a person asked for it."""

    attempt_id: str
    device: str
    connect_n: int
    takeover: bool


class Connected(Base, frozen=True, tag="connected", kw_only=True):
    """A client was welcomed. `answers` are (question, value) as the server says that it holds them."""

    attempt_id: str
    connection_id: str
    last_n: int
    state: AttemptState
    answers: list[tuple[str, Any]]


class Told(Base, frozen=True, tag="told", kw_only=True):
    """A client was told the state of its attempt; over REST `connection_id` is nil."""

    attempt_id: str
    connection_id: str | None
    state: AttemptState


class Lost(Base, frozen=True, tag="lost", kw_only=True):
    """A client's connection has ended, and it means to come back."""

    connection_id: str
    code: int


class SentAway(Base, frozen=True, tag="sent-away", kw_only=True):
    """The server is about to close a client's connection, and has said after how many milliseconds to come back."""

    after_ms: int


class Left(Base, frozen=True, tag="left", kw_only=True):
    """A client has gone for good."""


class Watching(Base, frozen=True, tag="watching", kw_only=True):
    """An instructor's monitor of one test is connected, or no more."""

    org_id: str
    test_id: str
    online: bool


class Shown(Base, frozen=True, tag="shown", kw_only=True):
    """Rows on that monitor that are new or have changed, after merging, as they are shown."""

    org_id: str
    test_id: str
    rows: list[Row]


class Seen(Base, frozen=True, tag="seen", kw_only=True):
    """Canaries that were found in what reached `who` of organisation `org_id` (empty: nobody's, as logs and metrics
    are). A canary is a text that belongs to one organisation, named in `canaries` as (organisation, text)."""

    org_id: str
    where: str
    canaries: list[tuple[str, str]]


class Enrolment(Base, frozen=True, tag="enrolment", kw_only=True):
    """A user may be enrolled for a test from now on, since somebody asks for it; or is so no more, since the server has
    said so."""

    org_id: str
    test_id: str
    user_id: str
    enrolled: bool


class Trouble(Base, frozen=True, tag="trouble", kw_only=True):
    """A fault begins. `kind`: node (it is gone), stall (it stands), cut (it does not reach the database), rush (so many
    come at once that it has no time for anything else), all four of the node named; database, relay, network. Several
    may last at once; `what` tells them apart."""

    kind: str
    what: str
    node: str = ""


class Relief(Base, frozen=True, tag="relief", kw_only=True):
    """That fault has ended."""

    kind: str
    what: str


class Scattered(Base, frozen=True, tag="scattered", kw_only=True):
    """Every connection was cut at this moment, and nothing else keeps anybody from coming back."""


class Healed(Base, frozen=True, tag="healed", kw_only=True):
    """No fault is left, and none will come."""


class Quiet(Base, frozen=True, tag="quiet", kw_only=True):
    """Nobody asks for anything any more, and everything has had its time: the database was read after this."""


class Gauge(Base, frozen=True, tag="gauge", kw_only=True):
    """A figure of a node: memory, a queue's length, the loop's lag."""

    name: str
    value: int


Event = (
    Setup
    | Invoke
    | Sent
    | Ok
    | Fail
    | Info
    | Arrived
    | Connected
    | Told
    | Lost
    | SentAway
    | Left
    | Watching
    | Shown
    | Seen
    | Enrolment
    | Trouble
    | Relief
    | Scattered
    | Healed
    | Quiet
    | Gauge
)

_encode: Final = msgspec.json.Encoder().encode
_decode: Final[msgspec.json.Decoder[Event]] = msgspec.json.Decoder(Event)


def to_line(event: Event) -> bytes:
    """One line, with its end."""
    return _encode(event) + b"\n"


def read_lines(lines: Iterable[bytes | str]) -> Iterator[Event]:
    """The events of a file. Raises `msgspec.DecodeError`."""
    for line in lines:
        if line.strip():
            yield _decode.decode(line)


def digest(history: Iterable[Event]) -> str:
    """What identifies a history: two runs of one seed must have the same."""
    running = sha256()
    for event in history:
        running.update(to_line(event))
    return running.hexdigest()
