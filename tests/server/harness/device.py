"""One device of a candidate, who sits over a socket or calls over REST: the same acts either way."""

from typing import Any, Final, Literal

from websockets.exceptions import ConnectionClosed

from protocol import limits
from protocol.codes import Code
from protocol.rest.body import DEVICE_HEADER
from tests.server.harness.running import RunningServer
from tests.server.harness.socket import Socket

Way = Literal["socket", "rest"]
WAYS: Final[tuple[Way, ...]] = ("socket", "rest")


class Device:
    """`name` is short: what the device calls itself is long enough to bind a link."""

    def __init__(self, way: Way, user: str, attempt_id: str, name: str) -> None:
        self._way = way
        self._user = user
        self._attempt_id = attempt_id
        self._name = f"{name} of a person".ljust(limits.MIN_DEVICE_KEY_CHARS, ".")
        self._connects = 0
        self._operations = 0
        self._socket: Socket | None = None
        self._server: RunningServer | None = None
        self._connection_id = ""

    async def come(self, server: RunningServer, *, takeover: bool) -> Code | None:
        """Opens the attempt; the name of the refusal, or None."""
        self._connects += 1
        self._server = server
        said = {"device": self._name, "connect_n": self._connects, "takeover": takeover}
        if self._way == "rest":
            reply = await server.call("POST", f"{self._path}/resume", self._token, said)
            if reply.status != 200:
                return Code(reply.code)
            self._connection_id = reply.body["connection_id"]
            return None
        self._socket = await server.socket(f"/ws/attempts/{self._attempt_id}")
        hello: dict[str, Any] = {"protocol": 1, "token": self._token, "client": "stranger/1", "oldest_protocol": 1}
        await self._socket.send("hello", **hello, capabilities=[], seen_seq=None, seen_head=None, **said)
        message = await self._socket.next()
        return Code(message["code"]) if message["t"] == "refused" else None

    async def gives_a_sign(self) -> None:
        """She is there at this moment."""
        assert self._server is not None
        if self._socket is not None:
            self._server.pass_time(0)
            return
        body = {"connection_id": self._connection_id, "t0_ms": 1}
        (await self._server.call("PUT", f"{self._path}/heartbeat", self._token, body, **self._named)).ok()

    async def is_in_force(self, n: int) -> bool:
        """Whether an answer with this number is taken from the device."""
        assert self._server is not None
        answer = {"n": n, "question_id": "word", "value": "Euler", "position": None, "client_at_ms": 0}
        if self._socket is None:
            body = {"connection_id": self._connection_id, "answers": [answer]}
            reply = await self._server.call("POST", f"{self._path}/answers", self._token, body, **self._named)
            return reply.status == 200 and reply.body["acked"] == [n]
        try:
            await self._socket.send("answer", **answer)
            await self._socket.until("ack", n=n)
        except ConnectionClosed:
            return False
        return True

    async def leave(self) -> None:
        """A socket is closed. Whoever calls over REST falls silent."""
        if self._socket is not None:
            await self._socket.close()

    @property
    def _path(self) -> str:
        return f"/test-attempts/{self._attempt_id}"

    @property
    def _named(self) -> dict[str, Any]:
        """What a call says of its device."""
        return {DEVICE_HEADER: self._name}

    @property
    def _token(self) -> str:
        assert self._server is not None
        return self._server.token(user=self._user)
