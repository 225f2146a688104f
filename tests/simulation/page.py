"""A candidate's page: the TypeScript that browsers run, on simulated wires; what it says and does is recorded.

For a sitter it is what a `Device` is: she asks for things, and it does what it can.
"""

from collections.abc import Callable
from typing import Any, Final, Protocol
from zlib import crc32

import msgspec

from clients.python.wire import unpack_to_candidate
from loadtest.checker.history import Arrived, Connected, Fail, Info, Invoke, Left, Lost, Ok, Sent, SentAway, Told
from protocol.codec import decode_from_candidate
from protocol.codes import REFUSALS, Code, Retry
from protocol.messages.candidate import Ack, Hello, StatePush, Welcome
from protocol.messages.connection import Goodbye
from protocol.messages.operations import Answer, Enter, Flag, GiveConsent, Observe, Progress, Start, Submit
from protocol.messages.state import AttemptState, SavedAnswer
from tests.simulation.device import DeviceClock, Outside, device_key
from tests.simulation.loop import NOBODY
from tests.simulation.network import Signal
from tests.simulation.pictures import Picture
from tests.simulation.tab import Tab

_PRESS_MS: Final = 1_500
"""How long a person looks at a button or a message before she presses it."""


class Town(Outside, Protocol):
    """What a page needs of the world."""

    async def rest(
        self, who: str, org: str, method: str, path: str, token: str, body: Any, device: str = ""
    ) -> tuple[int, bytes] | None: ...


class Page(Tab):
    """See above. One that was `reloaded` goes on in the same tab of the same browser."""

    def __init__(
        self,
        town: Town,
        name: str,
        org: str,
        attempt_id: str,
        test_id: str,
        token: str,
        clock: DeviceClock,
        signal: Signal,
        reloaded: "Page | None" = None,
    ) -> None:
        super().__init__(town, name, org, clock)
        self.signal = signal
        self.state_seen: Callable[[str], None] = lambda status: None
        self.acked: dict[int, int] = {}
        """Its numbers that were acknowledged since the last welcome → the log's length then."""
        self._town = town
        self._attempt_id = attempt_id
        self._test_id = test_id
        self._token = token
        self._browser: str = name if reloaded is None else reloaded._browser
        self._reloaded = reloaded is not None
        self._connection_id: str | None = None
        self._rest_id: str | None = None
        self._online = False
        self._ack: tuple[int, int | None] = (0, None)
        self._welcome_seq: int | None = None
        self._offered_id = ""
        self._pictured: Picture | None = None
        self._wants_start: bool = reloaded is not None and reloaded._wants_start
        self._pressing = False
        self._read: set[str] = set()
        self._ops: dict[tuple[Any, ...], str] = {} if reloaded is None else reloaded._ops
        self._open: dict[str, None] = {}
        self._count: list[int] = [0] if reloaded is None else reloaded._count

    # ── what the candidate does ────────────────────────────────────────────────────────────────────────────────

    def start(self) -> None:
        opening = {
            "attempt_id": self._attempt_id,
            "test_id": self._test_id,
            "token": self._token,
            "device": device_key(self._browser),
            "wanted": not self._reloaded,
        }
        self.happens("candidate", crc32(self.name.encode()), opening, self._browser)

    def ask(self, kind: type[Any], *arguments: Any) -> None:
        """Asks for one operation, as a person does on the page."""
        if self.ended:
            return
        if kind is Start:
            self._wants_start = True
            self._press_what_is_there()
        elif kind is Answer:
            question, value, position = arguments
            self.happens("act", "edit", question, value, isinstance(value, str) and len(value) > 1)
            if position is not None and not self.ended:
                self.happens("act", "goTo", position)
        elif kind is Flag:
            self.happens("act", "flag", *arguments)
        elif kind is Progress:
            self.happens("act", "goTo", *arguments)
        elif kind is Enter:
            self.happens("act", "enter", *arguments)
        elif kind is Submit:
            self.happens("act", "handIn", False)
        elif kind is Observe:
            self.happens("act", "observe", *arguments)
        elif kind is GiveConsent:
            self.happens("act", "giveConsent", *arguments)
        else:
            self.happens("act", "raiseHand", *arguments)

    @property
    def ended(self) -> bool:
        """Whether it has stopped for good."""
        return self.dead or self.shown.get("phase") == "ended"

    @property
    def section_id(self) -> str | None:
        """The open section, as far as it knows."""
        state = self.shown.get("state")
        return None if state is None else state["section_id"]

    @property
    def away(self) -> bool:
        """Whether it is not connected, and means to be."""
        return not self.ended and not self._online

    @property
    def key(self) -> str:
        """The id by which the server knows this device."""
        return device_key(self._browser)

    @property
    def connection_id(self) -> str | None:
        """The connection that it has now."""
        return self._connection_id if self._online else None

    def go_offline(self, offline: bool) -> None:
        self.signal.offline = offline
        if self.ended:
            return
        if offline:
            for wire in self._wires.values():
                wire.darken()
                self._town.loop.call_later(0.05, wire.cut, context=NOBODY)
        self.happens("act", "offline" if offline else "nudge")

    def vanish(self) -> None:
        """The machine dies, with all that it had not sent."""
        for wire in self._wires.values():
            wire.vanish()
        self._die("the device is gone", leaving=False)

    def close(self) -> None:
        """The page is closed."""
        for wire in self._wires.values():
            wire.close(1001)
        self._die("the page was closed", leaving=True)

    def _die(self, why: str, leaving: bool) -> None:
        if self.dead:
            return
        self._stop(leaving=leaving)
        self._forget(why)
        self._note(Left(at_ms=self._now(), who=self.name))

    # ── what passes ────────────────────────────────────────────────────────────────────────────────────────────

    def picture(self) -> Picture | None:
        """What it shows as saved, and as the state; nil before the first welcome."""
        state = self.shown.get("state")
        if state is None or self._welcome_seq is None:
            return None
        return Picture(
            who=self.name,
            attempt_id=self._attempt_id,
            state=msgspec.convert(state, AttemptState),
            answers={question_id: (n, value) for question_id, n, value in self.shown["held"]},
            welcome_seq=self._welcome_seq,
            acked=frozenset(self.acked),
            flagged=frozenset(self.shown["flagged"]) if not self.shown["unsettled"] else None,
            hopes=frozenset({"hand"}),
        )

    def _after(self) -> None:
        picture = self.picture()
        if picture is not None and picture != self._pictured:
            self._pictured = picture
            self._town.pictured(picture)
        if not self.dead:
            self._press_what_is_there()

    def _frame(self, data: bytes) -> None:
        match message := unpack_to_candidate(data):
            case Welcome():
                self._welcomed(message.connection_id, message.last_n, message.state, message.answers)
            case Ack():
                self._ack = (message.seq, message.committed_at_ms)
            case StatePush():
                self._told(self._connection_id, message.state)
            case Goodbye(after_ms=int(after_ms)):
                self._note(SentAway(at_ms=self._now(), who=self.name, after_ms=after_ms))
            case _:
                pass

    def _message(self, data: bytes) -> None:
        message = decode_from_candidate(data)
        if isinstance(message, Hello):
            self._arrived_as(message.device, message.connect_n, message.takeover)

    # ── what the page does ─────────────────────────────────────────────────────────────────────────────────────

    def _on_call(self, number: int, method: str, path: str, device: str, body: str) -> None:
        call = self._call(number, method, path, device, body)
        self._town.loop.create_task(call, context=NOBODY.copy())

    def _on_welcomed(self, seq: int) -> None:
        """It has taken a welcome, or a reply to `resume`, for the truth. (One that comes too late it does not.)"""
        self._welcome_seq = seq
        self._connection_id = self._offered_id
        self.acked.clear()

    def _on_took(self, live: bool, operations: list[dict[str, Any]]) -> None:
        connection_id = self._connection_id if live else self._rest_id
        for operation in operations:
            n = operation["n"] if live or operation["t"] != "start" else None
            op = self._op_of(operation)
            self._note(Sent(at_ms=self._now(), who=self.name, op=op, connection_id=connection_id, n=n))

    def _on_saved(self, operations: list[dict[str, Any]]) -> None:
        seq, committed_at_ms = self._ack
        for operation in operations:
            self._ended(operation, seq, committed_at_ms)
            if operation["n"]:
                self.acked[operation["n"]] = seq

    def _on_refused(self, n: int, body: dict[str, Any], fate: str, code: str) -> None:
        if fate not in ("refused", "dropped"):
            return
        op = self._op_of({**body, "n": n})
        self._open.pop(op, None)
        if fate == "refused" and REFUSALS[Code(code)].retry != Retry.LATER:
            connection_id = self._connection_id
            self._note(Fail(at_ms=self._now(), who=self.name, op=op, connection_id=connection_id, n=n, code=code))
        else:
            self._note(Info(at_ms=self._now(), who=self.name, op=op, what=code))

    def _on_page(self, shown: dict[str, Any]) -> None:
        before, self.shown = self.shown, shown
        online = shown["online"]
        if self._online and not online and shown["phase"] != "ended":
            self._note(Lost(at_ms=self._now(), who=self.name, connection_id=self._connection_id or "", code=self._code))
        self._online = online
        if shown["phase"] == "ended" and before.get("phase") != "ended":
            self._forget(f"the connection has ended ({shown['end']})")
            self._note(Left(at_ms=self._now(), who=self.name))
        if shown["status"] is not None and shown["status"] != before.get("status"):
            self.state_seen(shown["status"])
        if shown["ended"]:
            self._handed_in(shown["state"]["seq"])

    def _handed_in(self, seq: int) -> None:
        """The state answers what is still open of handing in."""
        for (kind, n, client_at_ms, _), op in [*self._ops.items()]:
            if kind == "submit" and op in self._open:
                self._ended({"t": kind, "n": n, "client_at_ms": client_at_ms}, seq, None)

    # ── a person at it ─────────────────────────────────────────────────────────────────────────────────────────

    def _press_what_is_there(self) -> None:
        if self._pressing or self.dead or not self._next_press():
            return
        self._pressing = True
        self._town.loop.call_later(_PRESS_MS / 1_000, self._press, context=NOBODY)

    def _next_press(self) -> tuple[Any, ...]:
        """What a person would press now: start, hand in for good, put a message away."""
        shown = self.shown
        may_start = shown["status"] == "initiated" and not shown["starting"] and not shown["waits"]
        if self._wants_start and self._online and may_start:
            return ("start",)
        if shown.get("conflict"):
            return "handIn", True
        unread = [message_id for message_id in shown.get("messages", ()) if message_id not in self._read]
        return ("dismiss", unread[0]) if unread else ()

    def _press(self) -> None:
        self._pressing = False
        what = self._next_press()
        if not what or self.ended:
            return
        if what[0] == "dismiss":
            self._read.add(what[1])
        self.happens("act", *what)

    # ── REST ───────────────────────────────────────────────────────────────────────────────────────────────────

    async def _call(self, number: int, method: str, path: str, device: str, body: str) -> None:
        resumes = path.endswith("/resume")
        if resumes:
            arrival = msgspec.json.decode(body)
            self._arrived_as(arrival["device"], arrival["connect_n"], arrival["takeover"])
        reply = None
        if not self.signal.offline:
            sent = msgspec.Raw(body.encode()) if body else None
            reply = await self._town.rest(self.name, self._org, method, path, self._token, sent, device)
        if self.dead:
            return
        if reply is None or self.signal.offline:
            self.happens("reply", number, 0, "", None)
            return
        status, data = reply
        if (status < 300 and method == "POST") or path.endswith("/heartbeat"):
            self._heard(path, status, msgspec.json.decode(data))
        after = "1" if status in (429, 503) else None
        self.happens("reply", number, status, data.decode(), after)

    def _heard(self, path: str, status: int, reply: dict[str, Any]) -> None:
        if status >= 300:
            return
        state = msgspec.convert(reply["state"], AttemptState)
        if path.endswith("/resume"):
            self._rest_id = reply["connection_id"]
            answers = msgspec.convert(reply["answers"], list[SavedAnswer])
            self._welcomed(reply["connection_id"] or "", reply["last_n"], state, answers)
            return
        self._ack = (reply.get("seq", state.seq), reply.get("committed_at_ms"))
        self._told(None, state)

    # ── recording ──────────────────────────────────────────────────────────────────────────────────────────────

    def _welcomed(self, connection_id: str, last_n: int, state: AttemptState, answers: list[SavedAnswer]) -> None:
        self._offered_id = connection_id
        self._note(
            Connected(
                at_ms=self._now(),
                who=self.name,
                attempt_id=self._attempt_id,
                connection_id=connection_id,
                last_n=last_n,
                state=state,
                answers=[(saved.question_id, saved.value) for saved in answers],
            )
        )

    def _told(self, connection_id: str | None, state: AttemptState) -> None:
        self._note(
            Told(
                at_ms=self._now(),
                who=self.name,
                attempt_id=self._attempt_id,
                connection_id=connection_id,
                state=state,
            )
        )

    def _arrived_as(self, device: str, connect_n: int, takeover: bool) -> None:
        self._note(
            Arrived(
                at_ms=self._now(),
                who=self.name,
                attempt_id=self._attempt_id,
                device=device,
                connect_n=connect_n,
                takeover=takeover,
            )
        )

    def _op_of(self, operation: dict[str, Any]) -> str:
        """The name of an operation with this number, which is met here first when it leaves."""
        kind, n, client_at_ms, text = _apart(operation)
        op = self._ops.get((kind, n, client_at_ms, text))
        if op is None:
            self._count[0] += 1
            op = f"{self._browser}#{self._count[0]}"
            self._ops[kind, n, client_at_ms, text] = op
            self._note(
                Invoke(
                    at_ms=self._now(),
                    who=self.name,
                    op=op,
                    attempt_id=self._attempt_id,
                    kind=kind,
                    body=_body(operation),
                    client_at_ms=client_at_ms,
                )
            )
        self._open[op] = None
        return op

    def _ended(self, operation: dict[str, Any], seq: int, committed_at_ms: int | None) -> None:
        op = self._op_of(operation) if operation["n"] else self._unnumbered(operation)
        self._open.pop(op, None)
        self._note(
            Ok(
                at_ms=self._now(),
                who=self.name,
                op=op,
                connection_id=self._connection_id,
                n=operation["n"] or None,
                seq=seq,
                committed_at_ms=committed_at_ms,
            )
        )

    def _unnumbered(self, operation: dict[str, Any]) -> str:
        """What REST settles by its kind alone."""
        kind, _, client_at_ms, text = _apart(operation)
        found = [op for (k, _, at, t), op in self._ops.items() if (k, at, t) == (kind, client_at_ms, text)]
        return found[-1] if found else self._op_of(operation)

    def _forget(self, why: str) -> None:
        for op in self._open:
            self._note(Info(at_ms=self._now(), who=self.name, op=op, what=why))
        self._open.clear()


def _body(operation: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in operation.items() if name not in ("t", "n", "client_at_ms")}


def _apart(operation: dict[str, Any]) -> tuple[str, int, int, str]:
    """Kind, number, the client's word for the time, and the body as text."""
    text = msgspec.json.encode(_body(operation), order="sorted").decode()
    return operation["t"], operation["n"], operation["client_at_ms"], text
