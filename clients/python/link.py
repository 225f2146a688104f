"""The life of one client's connection, for test-takers and for instructors:

    WAITING ──▶ CONNECTING ──▶ GREETING ──welcome──▶ ONLINE
       ▲             │             │                   │
       └─────────────┴──closed─────┴───────closed──────┘──▶ ENDED (the close code or `goodbye` says so, or `stop`)

It says hello, answers for the heartbeats, notices silence, and decides from a close code when to come back, if ever.
Pure: no clock, no socket; `now_ms` is an argument. Whoever drives it opens a socket when `retry_at_ms` has come,
reports what happens, sends what is in `outgoing`, closes the socket when `broken` is set, and calls `wake` at
`next_wake_ms`.
"""

from collections import deque
from collections.abc import Callable
from enum import StrEnum
from typing import Final

from clients.python.backoff import Backoff
from clients.python.clock import Clock
from clients.python.errors import ConnectionEnded
from protocol import limits
from protocol.codes import CLOSES, Close, Reconnect, reconnect_rule
from protocol.messages.base import Message
from protocol.messages.candidate import Welcome
from protocol.messages.connection import Beat, Echo, Goodbye, Renew
from protocol.messages.monitor import MonitorHello, MonitorWelcome

WELCOME_TIMEOUT_MS: Final = 15_000
"""From `hello` to its answer. A server under a storm of reconnects takes seconds; a dead one forever."""

STABLE_MS: Final = 5_000
"""A connection that lasted this long was a success: the next failure starts its back-off from the base."""

CAPABILITIES: Final[list[str]] = []
"""What this client can do beyond its version of the protocol."""

ABNORMAL_CLOSE: Final = 1006
"""What a socket that ended without a close frame is said to have been closed with (RFC 6455)."""


class Phase(StrEnum):
    """Where the connection is in its life."""

    WAITING = "waiting"
    CONNECTING = "connecting"
    GREETING = "greeting"
    ONLINE = "online"
    ENDED = "ended"


class Link:
    """See above. `client` names the program and its version. `renewable`: a fresh token can be had."""

    def __init__(self, token: str, client: str, random: Callable[[], float], *, renewable: bool) -> None:
        self.phase = Phase.WAITING
        self.outgoing: deque[Message] = deque()
        self.clock = Clock()
        self.needs_token = False
        """The next hello wants a fresh token."""
        self.wants_token = False
        """The token ends soon: a fresh one is welcome while this connection lives."""
        self.broken: str | None = None
        """Why the socket must be closed from this side, or nil."""
        self.ended: ConnectionEnded | None = None
        self.connections = 0
        """Welcomes so far; all but the first are reconnects."""
        self.retry_at_ms = 0
        self._token = token
        self._client = client
        self._renewable = renewable
        self._backoff = Backoff(random)
        self._heartbeat_ms = limits.HEARTBEAT_MS
        self._beat_at_ms = 0
        self._heard_at_ms = 0
        self._greeted_at_ms = 0
        self._online_since_ms = 0
        self._goodbye: Goodbye | None = None

    # ── what happens to the socket ─────────────────────────────────────────────────────────────────────────────

    def connecting(self) -> None:
        """A socket is being opened."""
        self.phase = Phase.CONNECTING
        self._goodbye = None

    def opened(self, now_ms: int) -> None:
        """The socket is open: say who we are."""
        self.phase = Phase.GREETING
        self.broken = None
        self._heard_at_ms = self._greeted_at_ms = now_ms
        self.outgoing.append(self.hello())

    def hello(self) -> Message:
        """The first message of a connection; a test-taker's link says more than this one, a monitor's."""
        return MonitorHello(
            limits.PROTOCOL_VERSION, self._token, self._client, limits.OLDEST_PROTOCOL_VERSION, CAPABILITIES
        )

    def closed(self, code: int, detail: str, now_ms: int) -> None:
        """The socket is closed, or could not be opened. Decides whether and when to come back."""
        if self.phase == Phase.ENDED:
            return
        if self.phase == Phase.ONLINE and now_ms - self._online_since_ms >= STABLE_MS:
            self._backoff.reset()
        self.phase = Phase.WAITING
        self.outgoing.clear()
        after_ms = 0
        if self._goodbye is not None:
            # It said why before the close frame did, which may have been lost.
            after_ms = self._goodbye.after_ms or 0
            code, detail = self._goodbye.code, self._goodbye.detail
        rule = reconnect_rule(code)
        if rule is Reconnect.NEVER or (rule is Reconnect.FRESH_TOKEN and not self._renewable):
            self._end(code, _sentence(code, detail))
        else:
            self.needs_token = rule is Reconnect.FRESH_TOKEN
            self.retry_at_ms = now_ms + after_ms + self._backoff.next_ms()

    def stop(self) -> None:
        """The program has no more use for the connection."""
        if self.phase != Phase.ENDED:
            self._end(None, "The client closed the connection.")

    def renewed(self, token: str) -> None:
        """A fresh token, for this connection if there is one, and for the next hello."""
        self._token = token
        self.needs_token = self.wants_token = False
        if self.phase == Phase.ONLINE:
            self.outgoing.append(Renew(token))

    # ── what the server says ───────────────────────────────────────────────────────────────────────────────────

    def heard(self, now_ms: int) -> None:
        """Any message came: the connection lives."""
        self._heard_at_ms = now_ms

    def welcomed(self, welcome: Welcome | MonitorWelcome, now_ms: int) -> None:
        """The server has let us in; its clock and its wishes apply from here."""
        self.phase = Phase.ONLINE
        self.connections += 1
        self._online_since_ms = now_ms
        self._heartbeat_ms = max(1, welcome.heartbeat_ms)
        self._beat_at_ms = now_ms + welcome.first_beat_ms
        self._backoff.base_ms = max(1, welcome.backoff_base_ms)
        self._backoff.cap_ms = max(1, welcome.backoff_cap_ms)
        self.clock.add(self._greeted_at_ms, welcome.now_ms, welcome.now_ms, now_ms)

    def echoed(self, echo: Echo, now_ms: int) -> None:
        """A heartbeat came back."""
        self.clock.add(echo.t0_ms, echo.t1_ms, echo.t2_ms, now_ms)

    def expiring(self) -> None:
        """The token ends soon."""
        self.wants_token = self._renewable

    def goodbye(self, message: Goodbye) -> None:
        """The server will close this connection; what it said about coming back is kept for then."""
        self._goodbye = message

    # ── time ───────────────────────────────────────────────────────────────────────────────────────────────────

    def wake(self, now_ms: int) -> None:
        """Send a heartbeat that is due; notice that the server has fallen silent."""
        if self.phase == Phase.GREETING and now_ms >= self._greeted_at_ms + WELCOME_TIMEOUT_MS:
            self.broken = "the server did not answer the hello"
        if self.phase != Phase.ONLINE:
            return
        if now_ms >= self._silent_at_ms:
            self.broken = "the server fell silent"
        elif now_ms >= self._beat_at_ms:
            # From now on and not from when it was due: after a sleep one beat goes, not all that were missed.
            self._beat_at_ms = now_ms + self._heartbeat_ms
            self.outgoing.append(Beat(now_ms))

    def next_wake_ms(self) -> int | None:
        """When `wake` has something to do; nil while no socket is open, or it must be closed anyway."""
        if self.broken is not None:
            return None
        if self.phase == Phase.GREETING:
            return self._greeted_at_ms + WELCOME_TIMEOUT_MS
        if self.phase == Phase.ONLINE:
            return min(self._beat_at_ms, self._silent_at_ms)
        return None

    @property
    def _silent_at_ms(self) -> int:
        return self._heard_at_ms + limits.MISSED_BEATS * self._heartbeat_ms

    def _end(self, code: int | None, detail: str) -> None:
        self.phase = Phase.ENDED
        self.ended = ConnectionEnded(code, detail)


def _sentence(code: int, detail: str) -> str:
    if detail:
        return detail
    try:
        return CLOSES[Close(code)]
    except ValueError:
        return "The connection was closed."
