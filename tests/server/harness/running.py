"""One real server: our application under uvicorn, on a real port, inside the test's loop."""

import asyncio
import contextlib
import io
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, Final

import aiohttp
import uvicorn.server
from yarl import URL

from clients.python.rest import IDLE_S
from protocol.attempt.model import Role
from protocol.rest.scim import ERROR_URN, SCIM_MEDIA_TYPE
from server.node import Node
from server.process.accepting import OneByOneServer
from server.process.serving import configuration, open_node, own_sockets
from server.settings import Settings
from tests.server.harness.clock import MovableClock
from tests.server.harness.exam import CANDIDATE, ORG, TEST, exam
from tests.server.harness.socket import Headers, Socket
from tests.services.patience import PATIENCE_S

HOUR_MS = 3_600_000


class Reply:
    """An HTTP response, read to its end."""

    def __init__(self, status: int, headers: dict[str, str], raw: bytes, body: Any) -> None:
        self.status = status
        self.headers = headers
        self.raw = raw
        self.body = body

    @property
    def code(self) -> str:
        """The name of the refusal."""
        if self.headers["content-type"] == SCIM_MEDIA_TYPE:
            assert self.body["schemas"] == [ERROR_URN]
            assert self.body["status"] == str(self.status)
            return str(self.body["code"])
        assert self.headers["content-type"] == "application/problem+json", self.raw
        assert self.body["status"] == self.status
        assert self.body["type"] == f"urn:pencilsdown:refusal:{self.body['code']}"
        return str(self.body["code"])

    def ok(self) -> Any:
        """The body of a call that must succeed."""
        assert self.status in (200, 201, 202), self.raw
        return self.body


_TICK_S: Final = 0.02
"""How often uvicorn looks whether it is to end. It does so ten times a second, and waits for a tenth more: each test
with a server took that long to end."""


async def _sleep(delay_s: float) -> None:
    await asyncio.sleep(min(delay_s, _TICK_S))


vars(uvicorn.server)["asyncio"] = SimpleNamespace(**vars(asyncio) | {"sleep": _sleep})


class _Uvicorn(OneByOneServer):
    """Leaves the signals to pytest."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class RunningServer:
    """`node` gives tests access to the inside; everything else uses the network."""

    def __init__(self, settings: Settings, clock: MovableClock) -> None:
        self.settings = settings
        self.clock = clock
        self.node: Node
        self._http: aiohttp.ClientSession
        self._serving: asyncio.Task[None] | None = None
        self._connections: dict[str, str] = {}
        self._connects = 0

    # Life

    async def start(self) -> None:
        async def make_node() -> Node:
            self.node = await open_node(self.settings, self.clock)
            return self.node

        self._uvicorn = _Uvicorn(configuration(self.settings, make_node))
        self._serving = asyncio.create_task(self._uvicorn.serve(own_sockets(self.settings)))
        async with asyncio.timeout(PATIENCE_S):
            while not self._uvicorn.started:
                assert not self._serving.done(), "the server did not start"
                await asyncio.sleep(0.005)
        connector = aiohttp.TCPConnector(keepalive_timeout=IDLE_S)
        self._http = aiohttp.ClientSession(self.settings.url, connector=connector, trust_env=False)

    async def stop(self) -> None:
        if self._serving is not None:
            await self._http.close()
            self.node.strangers.end()
            self._uvicorn.should_exit = True
            await self._serving
            self._serving = None

    def pass_time(self, ms: int) -> None:
        """Moves the clock as if every connected client had sent heartbeats all the time."""
        self.clock.advance(ms)
        for session in self.node.connections.all:
            session.last_contact_ms = self.clock.now_ms()

    async def advance(self, ms: int) -> None:
        """Moves the clock, and makes every timer look at it."""
        self.pass_time(ms)
        for live in self.node.registry.all():
            live._alarm.ring_now()

    # People

    def token(self, role: Role = Role.CANDIDATE, user: str = CANDIDATE, org: str = ORG, **scope: Any) -> str:
        scope.setdefault("lifetime_ms", 100 * HOUR_MS)
        return self.node.tokens.mint(role, user, org, **scope)

    @property
    def service(self) -> str:
        return self.token(Role.SERVICE, "platform")

    @property
    def instructor(self) -> str:
        return self.token(Role.INSTRUCTOR, "grace")

    # Doors

    async def call(
        self,
        method: str,
        path: str | URL,
        token: str | None = None,
        body: Any = None,
        raw: bytes | None = None,
        **headers: str,
    ) -> Reply:
        if token is not None:
            headers["authorization"] = f"Bearer {token}"
        if isinstance(body, bytes):
            body, raw = None, body
        given: dict[str, Any] = (
            {"json": body} if body is not None else {"data": io.BytesIO(raw) if raw is not None else None}
        )
        async with self._http.request(method, path, headers=headers, allow_redirects=False, **given) as response:
            data = await response.read()
            is_json = "json" in response.headers.get("content-type", "")
            parsed = await response.json(content_type=None) if is_json else None
            return Reply(response.status, {k.lower(): v for k, v in response.headers.items()}, data, parsed)

    async def act(self, method: str, path: str, token: str, body: dict[str, Any], traceparent: str = "") -> Reply:
        """`call` as a candidate's client makes it: it names its connection, and comes first where it has none."""
        headers: dict[str, Any] = {"traceparent": traceparent} if traceparent else {}
        return await self.call(method, path, token, await self.with_connection(path, token, body), **headers)

    async def with_connection(self, path: str, token: str, body: dict[str, Any]) -> dict[str, Any]:
        """The body of an acting call, with the connection in force; a person opens the attempt where there is none."""
        attempt_path = path.rpartition("/")[0]
        live = await self.node.registry.get(attempt_path.rpartition("/")[2])
        connection_id = self._connections.get(attempt_path)
        if connection_id is None or live is None or live.committed.connection_id != connection_id:
            reply = await self.call("POST", f"{attempt_path}/resume", token, self.arrival())
            if reply.status != 200:
                # The candidate is refused; the call itself reports it.
                return {"connection_id": "none", **body}
            connection_id = self._connections[attempt_path] = str(reply.body["connection_id"])
        return {"connection_id": connection_id, **body}

    def arrival(self, **fields: Any) -> dict[str, Any]:
        """A body of `resume`: each time a person opens the attempt, on one and the same device."""
        self._connects += 1
        return {"device": "harness", "connect_n": self._connects, "takeover": True, **fields}

    async def ops(self, path: str) -> Reply:
        """What operators see, at their port."""
        url = f"http://{self.settings.ops_host}:{self.settings.ops_port}{path}"
        async with self._http.get(url) as response:
            data = await response.read()
            parsed = await response.json() if "json" in response.headers.get("content-type", "") else None
            return Reply(response.status, {k.lower(): v for k, v in response.headers.items()}, data, parsed)

    async def socket(self, path: str, origin: str | None = None, headers: Headers = ()) -> Socket:
        return await Socket.open(self.settings.url.replace("http", "ws", 1) + path, origin, headers)

    # Steps that most tests begin with

    async def make_test(self, test_id: str = TEST, org: str = ORG, **rules: Any) -> None:
        token = self.token(Role.SERVICE, "platform", org)
        (await self.call("PUT", f"/tests/{test_id}", token, exam(**rules))).ok()

    async def make_attempt(self, user: str = CANDIDATE, org: str = ORG, test_id: str = TEST, **wanted: Any) -> str:
        """A new attempt; returns its id."""
        token = self.token(Role.SERVICE, "platform", org)
        body = {"test_id": test_id, "user_id": user, **wanted}
        return str((await self.call("POST", "/test-attempts", token, body)).ok()["attempt_id"])

    async def started(self, user: str = CANDIDATE, **wanted: Any) -> str:
        """An attempt that the platform has started, so that the candidate has no connection yet."""
        attempt_id = await self.make_attempt(user, **wanted)
        (await self.call("POST", f"/test-attempts/{attempt_id}/start", self.service, {})).ok()
        return attempt_id

    async def sit(self, attempt_id: str, user: str = CANDIDATE, headers: Headers = ()) -> Socket:
        """The candidate's socket, after its welcome."""
        socket = await self.socket(f"/ws/attempts/{attempt_id}", headers=headers)
        await socket.hello(self.token(user=user))
        welcome = await socket.until("welcome")
        self._connections[f"/test-attempts/{attempt_id}"] = welcome["connection_id"]
        return socket

    async def watch(self, test_id: str = TEST) -> Socket:
        """An instructor's socket, after its welcome and roster."""
        socket = await self.socket(f"/ws/monitor/{test_id}")
        await socket.hello(self.instructor)
        await socket.until("monitor_welcome")
        return socket

    async def told(self) -> list[tuple[str, dict[str, Any]]]:
        """What other systems are told of attempts, in its order: topics, and what they say."""
        await self.node.courier.take_over()
        page = (await self.call("GET", "/events?topic=attempt.*", self.service)).ok()
        return [(event["type"], event["data"]) for event in page["events"]]

    async def status(self, attempt_id: str) -> dict[str, Any]:
        """The attempt's state."""
        reply = await self.call("GET", f"/test-attempts/{attempt_id}/status", self.service)
        state = reply.ok()["state"]
        assert isinstance(state, dict)
        return state

    async def reaches(self, attempt_id: str, status: str) -> dict[str, Any]:
        """Waits until the attempt has this status."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                state = await self.status(attempt_id)
                if state["status"] == status:
                    return state
                await asyncio.sleep(0.02)
