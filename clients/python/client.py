"""The test-taker's client: takes answers, gives acknowledgements, and handles connections and retries itself.

    async with Client("http://127.0.0.1:8000", attempt_id, token) as client:
        welcome = await client.welcomed()
        await client.start()
        ack = await client.answer("q1", "b")      # durable now
        state = await client.submit()             # the attempt has ended

It keeps every operation until the server has acknowledged or refused it, reconnects by itself where the close code
says so, and sends again what was not acknowledged. The awaitables are futures: awaiting them is not needed for the
operation to be sent. Cancelling one takes nothing back.
"""

import asyncio
import logging
import random
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from clients.python.background import Background
from clients.python.candidate_link import CandidateLink
from clients.python.errors import ConnectionEnded, Refused
from clients.python.queue import UNNUMBERED, Entry
from clients.python.session import Accepted, HandedIn, Rejected, Session
from clients.python.shell import Renew, Shell, now_ms, socket_url
from clients.python.wire import unpack_to_candidate
from protocol import limits
from protocol.codes import REFUSALS, Code
from protocol.integrity.captures import Says
from protocol.messages.base import PartValue, Value
from protocol.messages.candidate import Ack, Offer, StaffMessage, StatePush, TimeWarning, Welcome
from protocol.messages.connection import Goodbye, RefusedOp
from protocol.messages.directions import ToCandidate
from protocol.messages.operations import (
    Answer,
    Enter,
    Flag,
    GiveConsent,
    Observe,
    Operation,
    Progress,
    RaiseHand,
    Receipt,
    Start,
    Submit,
)
from protocol.messages.state import AttemptState, CaptureAsked

CLIENT_NAME: Final = "pencilsdown-python/0.1"
"""What `hello` says of the program, for support."""

_log = logging.getLogger(__name__)


def _ignore(_: object) -> None:
    pass


@dataclass(frozen=True, kw_only=True, slots=True)
class Callbacks:
    """Callbacks for messages that the server sends unasked. Each is called on the event loop and must not block.

    `welcome` comes after every connect. `offer` replaces what it said of the test. `unreadable` means that the server
    could not read a message of ours. `ended` comes once, when the client will not come back by itself.
    """

    welcome: Callable[[Welcome], None] = _ignore
    state: Callable[[StatePush], None] = _ignore
    offer: Callable[[Offer], None] = _ignore
    warning: Callable[[TimeWarning], None] = _ignore
    message: Callable[[StaffMessage], None] = _ignore
    goodbye: Callable[[Goodbye], None] = _ignore
    unreadable: Callable[[RefusedOp], None] = _ignore
    ended: Callable[[ConnectionEnded], None] = _ignore


Answered = str | Sequence[str | tuple[str, ...]]
"""What a candidate gives to one interaction: an option, a text or a number as text; options, or pairs of ids."""


class Client(Background):
    """See above. `renew` gets a fresh token when the old one has expired; without it, the client ends then."""

    def __init__(
        self,
        base_url: str,
        attempt_id: str,
        token: str,
        *,
        callbacks: Callbacks | None = None,
        renew: Renew | None = None,
        name: str = CLIENT_NAME,
        chance: Callable[[], float] = random.random,
        takeover: bool = True,
    ) -> None:
        """`base_url` is the server's web address. `chance` draws the jitter. `takeover`: a person asks for the attempt
        here, so another device that has it loses it. Each client is a device of its own: where the test binds its
        links, only the first one gets in. Opens nothing yet: see `open`."""
        device = secrets.token_hex(16)
        link = CandidateLink(token, name, chance, renewable=renew is not None, device=device, takeover=takeover)
        self._session = Session(link, chance)
        url = socket_url(base_url, f"/ws/attempts/{quote(attempt_id, safe='')}")
        shell: Shell[ToCandidate] = Shell(url, self._session, unpack_to_candidate, self._dispatch, renew)
        super().__init__(link, shell)
        self._callbacks = callbacks or Callbacks()
        self._futures: dict[Entry, asyncio.Future[Any]] = {}
        self._welcome: asyncio.Future[Welcome] | None = None

    # ── the connection ─────────────────────────────────────────────────────────────────────────────────────────

    async def welcomed(self) -> Welcome:
        """The newest welcome, waiting for the first. Raises `ConnectionEnded`."""
        if self._welcome is None:
            self._welcome = asyncio.get_running_loop().create_future()
        if self._link.ended is not None and not self._welcome.done():
            raise self._link.ended
        welcome = self._welcome
        await asyncio.wait((welcome,))
        return welcome.result()

    # ── what is known ──────────────────────────────────────────────────────────────────────────────────────────

    @property
    def state(self) -> AttemptState | None:
        """The attempt as the server last told it; nil before the first welcome."""
        return self._session.state

    @property
    def unsettled(self) -> int:
        """Operations that are neither acknowledged nor refused for good."""
        return len(self._session.queue)

    def server_now_ms(self) -> int | None:
        """The server's clock, as well as the heartbeats show it; nil before the first welcome."""
        return self._link.clock.server_ms(now_ms())

    # ── operations: each future gives the `Ack` that covers it, or raises `Refused` or `ConnectionEnded` ────────

    def start(self, access_code: str | None = None) -> asyncio.Future[Ack]:
        """Start the attempt: the clock runs. `access_code`: where the test asks for one."""
        return self._ask(Start(UNNUMBERED, access_code, now_ms()))

    def answer(
        self, question_id: str, value: Answered | Mapping[str, Answered] | None, *, position: int | None = None
    ) -> asyncio.Future[Ack]:
        """Answer one question; nil takes an answer back. `position`: the test-taker has gone on to that question,
        counted from 0. An essay whose `format` is rich takes rich text; `protocol.rich.from_text` makes it of plain
        text. Raises `Refused` for what is too long to be sent at all."""
        return self._ask(Answer(UNNUMBERED, question_id, _sendable(value), position, now_ms()))

    def flag(self, question_id: str, flagged: bool) -> asyncio.Future[Ack]:
        """Mark a question to come back to, or take the mark away."""
        return self._ask(Flag(UNNUMBERED, question_id, flagged, now_ms()))

    def progress(self, question_index: int) -> asyncio.Future[Ack]:
        """The test-taker has moved to this question, counted from 0."""
        return self._ask(Progress(UNNUMBERED, question_index, now_ms()))

    def receipt(self, message_id: str, *, seen: bool) -> asyncio.Future[Ack]:
        """A staff message was dismissed. That it has arrived the client confirms by itself."""
        return self._ask(Receipt(UNNUMBERED, message_id, seen, now_ms()))

    def enter(self, section_id: str) -> asyncio.Future[Ack]:
        """Enter the next section. The one before closes for good; `state.section_id` says which one is open."""
        return self._ask(Enter(UNNUMBERED, section_id, now_ms()))

    def raise_hand(self, raised: bool = True) -> asyncio.Future[Ack]:
        """Ask for an invigilator, or take that back."""
        return self._ask(RaiseHand(UNNUMBERED, raised, now_ms()))

    def give_consent(self, asked: CaptureAsked, says: Says) -> asyncio.Future[Ack]:
        """Agree to pictures as one of `welcome.watching.captures` asks for them, decline them or take that back, or say
        that this device is unable to give them."""
        return self._ask(GiveConsent(UNNUMBERED, asked.source, says, asked.every_ms, asked.keep_days, now_ms()))

    def observe(self, signal: str, count: int = 1, size: int = 0) -> asyncio.Future[Ack]:
        """Say what was noticed, where the test watches for it."""
        return self._ask(Observe(UNNUMBERED, signal, count, size, now_ms()))

    def submit(self) -> asyncio.Future[AttemptState]:
        """Hand in, after everything asked for before is settled. Gives the state of the ended attempt."""
        return self._ask(Submit(UNNUMBERED, now_ms()))

    # ── within ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _ask(self, operation: Operation) -> asyncio.Future[Any]:
        if self._link.ended is not None:
            raise self._link.ended
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        entry = self._session.ask(operation, now_ms())
        self._futures[entry] = future
        self._dispatch()
        self._shell.flush()
        return future

    def _dispatch(self) -> None:
        events = self._session.events
        while events:
            match event := events.popleft():
                case Accepted():
                    self._settle(event.entry, event.ack)
                case Rejected():
                    self._reject(event.entry, event.refusal)
                case HandedIn():
                    self._settle(event.entry, event.state)
                case Welcome():
                    if self._welcome is None or self._welcome.done():
                        self._welcome = asyncio.get_running_loop().create_future()
                    self._welcome.set_result(event)
                    self._call(self._callbacks.welcome, event)
                case StatePush():
                    self._call(self._callbacks.state, event)
                case Offer():
                    self._call(self._callbacks.offer, event)
                case TimeWarning():
                    self._call(self._callbacks.warning, event)
                case StaffMessage():
                    self._call(self._callbacks.message, event)
                case Goodbye():
                    self._call(self._callbacks.goodbye, event)
                case RefusedOp():
                    self._call(self._callbacks.unreadable, event)

    def _settle(self, entry: Entry, result: Ack | AttemptState) -> None:
        # The client's own receipts have no future, and a cancelled one wants no result.
        future = self._futures.pop(entry, None)
        if future is not None and not future.done():
            future.set_result(result)

    def _reject(self, entry: Entry, refusal: RefusedOp) -> None:
        future = self._futures.pop(entry, None)
        if future is not None and not future.done():
            future.set_exception(Refused(refusal.code, refusal.detail, refusal.retry))

    def _call(self, callback: Callable[[Any], None], argument: object) -> None:
        # The connection must survive whatever its listeners do.
        try:
            callback(argument)
        except Exception:  # noqa: BLE001
            _log.exception("a callback failed")

    def _let_go(self) -> Iterator[asyncio.Future[Any]]:
        yield from self._futures.values()
        self._futures.clear()
        if self._welcome is not None:
            yield self._welcome

    def _is_over(self, running: asyncio.Task[None]) -> None:
        super()._is_over(running)
        assert self._link.ended is not None
        self._call(self._callbacks.ended, self._link.ended)


def _sendable(value: Answered | Mapping[str, Answered] | None) -> Value:
    """An answer as the wire takes it. What is over its limits would not be refused but end the connection."""
    if value is None:
        return None
    if isinstance(value, Mapping):
        if len(value) > limits.MAX_INTERACTIONS or any(len(name) > limits.MAX_ID_CHARS for name in value):
            raise _refused(Code.OUT_OF_RANGE)
        return {name: _part(part) for name, part in value.items()}
    return _part(value)


def _part(value: Answered) -> PartValue:
    if isinstance(value, str):
        if len(value) > limits.MAX_ANSWER_CHARS:
            raise _refused(Code.ANSWER_TOO_LONG)
        value.encode()  # half a surrogate pair is no text: better said here than when it is sent
        return value
    chosen = list(value)
    ids = [name for one in chosen for name in ((one,) if isinstance(one, str) else one)]
    if len(chosen) > limits.MAX_ANSWER_OPTIONS or any(len(name) > limits.MAX_ID_CHARS for name in ids):
        raise _refused(Code.OUT_OF_RANGE)
    return chosen


def _refused(code: Code) -> Refused:
    return Refused(code, REFUSALS[code].sentence, REFUSALS[code].retry)
