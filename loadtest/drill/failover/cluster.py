"""Three machines with PostgreSQL under Patroni and with etcd, and HAProxy before them, beside the nodes."""

import asyncio
import os
import shutil
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import aiohttp
import asyncpg
from asyncpg.connect_utils import SessionAttribute

from loadtest.drill.failover import files
from loadtest.drill.failover.machine import Bridge, Machine
from loadtest.drill.postgres import as_owner, find_postgres
from loadtest.drill.process import HOST, Impossible, Process, StageError, find_program, until_listening

_PORT: Final = 5432
"""HAProxy's, as its file says."""
_REST: Final = 8008
_ASK: Final = aiohttp.ClientTimeout(total=2)
_MAKING_S: Final = 120.0
_NODES: Final = "nodes"
_OWNER: Final = "postgres"
_ADDRESSES: Final = {"db-1": "10.0.0.11", "db-2": "10.0.0.12", "db-3": "10.0.0.13"}

Member = dict[str, Any]


class Cluster:
    """See above. `create` before anything else; `close` in any case."""

    def __init__(self, folder: Path) -> None:
        """Raises `Impossible`."""
        if os.geteuid() != 0:
            raise Impossible("machines of their own need root")
        for name, package in (("patroni", "patroni"), ("etcd", "etcd-server"), ("haproxy", "haproxy")):
            try:
                find_program(name, [Path("/usr/sbin")])
            except Impossible:
                raise Impossible(f"{name} is not installed (on Debian: apt-get install {package})") from None
        self._folder = folder / "databases"
        self._folder.mkdir()
        for one in (folder.parent, folder, self._folder):
            one.chmod(0o755)
        self.bridge = Bridge()
        self.machines = {name: self._machine(name, address) for name, address in _ADDRESSES.items()}
        own = self._folder / "haproxy.cfg"
        own.write_text(files.haproxy(), "utf-8")
        haproxy = find_program("haproxy", [Path("/usr/sbin")])
        self._haproxy = Process("haproxy", [haproxy, "-db", "-f", own], self._folder)

    async def create(self) -> None:
        """Makes the cluster; returns when all three take part, and HAProxy knows the primary."""
        await self.bridge.open()
        await asyncio.gather(*(machine.start() for machine in self.machines.values()))
        await self.until_whole(_MAKING_S)
        await self._haproxy.start()
        await until_listening(self._haproxy, _PORT)
        await self._until_primary_alone()
        await self.execute(f"CREATE ROLE {_NODES} LOGIN PASSWORD '{files.PASSWORD}'")

    async def close(self) -> None:
        await self._haproxy.close()
        await asyncio.gather(*(machine.kill() for machine in self.machines.values()))
        await self.bridge.close()

    # ── as a database server ───────────────────────────────────────────────────────────────────────────────────

    def url(self, database: str) -> str:
        """For the server, over HAProxy."""
        return f"postgresql://{_NODES}:{files.PASSWORD}@{HOST}:{_PORT}/{database}"

    async def create_database(self) -> str:
        """An empty one; its name."""
        name = f"drill_{uuid.uuid4().hex}"
        await self.execute(f'CREATE DATABASE "{name}" OWNER {_NODES}')
        return name

    async def connect(self, database: str = "postgres") -> "asyncpg.Connection[asyncpg.Record]":
        return await asyncpg.connect(
            host=HOST,
            port=_PORT,
            user=_OWNER,
            password=files.PASSWORD,
            database=database,
            ssl=False,
            target_session_attrs=SessionAttribute.read_write,
            timeout=5,
            command_timeout=30,
        )

    async def execute(self, sql: str) -> None:
        connection = await self.connect()
        try:
            await connection.execute(sql)
        finally:
            await connection.close(timeout=5)

    # ── who is what ────────────────────────────────────────────────────────────────────────────────────────────

    async def members(self) -> list[Member]:
        """As the machine that knows of the newest primary tells them; nobody where none answers. One that is cut off
        from the others has old news."""
        views: list[list[Member]] = []
        async with aiohttp.ClientSession(timeout=_ASK) as http:
            for machine in self.machines.values():
                with suppress(aiohttp.ClientError, TimeoutError, OSError):
                    async with http.get(f"http://{machine.address}:{_REST}/cluster") as response:
                        views.append((await response.json())["members"])
        return max(views, key=_timeline, default=[])

    async def having(self, role: str) -> Machine:
        """The one that is `leader` or `sync_standby`. Raises `StageError` where none is."""
        for member in await self.members():
            if member["role"] == role:
                return self.machines[member["name"]]
        raise StageError(f"no machine is {role}; see {self._folder}")

    async def primary(self) -> tuple[str, int]:
        """Its name, and its timeline: one that was no primary for a while has another one. Raises `StageError`."""
        found = await self._until(lambda found: any(map(_leads, found)), _MAKING_S)
        return next(one["name"] for one in found if _leads(one)), _timeline(found)

    async def lose_etcd(self) -> None:
        """All three at the same moment."""
        await asyncio.gather(*(machine.kill_program("etcd") for machine in self.machines.values()))

    async def find_etcd(self) -> None:
        """They go on with what they had written."""
        await asyncio.gather(*(machine.start_program("etcd") for machine in self.machines.values()))

    async def switch_over(self) -> None:
        """Asks for another primary, as an operator does before she restarts the machine."""
        leader, standby = await self.having("leader"), await self.having("sync_standby")
        order = {"leader": leader.name, "candidate": standby.name}
        timeout = aiohttp.ClientTimeout(total=60)
        async with (
            aiohttp.ClientSession(timeout=timeout) as http,
            http.post(f"http://{leader.address}:{_REST}/switchover", json=order) as response,
        ):
            if not response.ok:
                raise StageError(f"Patroni does not switch over: {await response.text()}")

    async def until_replaced(self, former: Machine, timeout_s: float) -> None:
        """Returns when another machine is the primary. Raises `StageError`."""
        await self._until(lambda found: any(_leads(one) and one["name"] != former.name for one in found), timeout_s)

    async def until_whole(self, timeout_s: float) -> None:
        """Returns when all three take part again: a primary and two synchronous standbys, on one timeline.
        Raises `StageError`."""
        await self._until(_is_whole, timeout_s)

    async def _until(self, condition: Callable[[list[Member]], bool], timeout_s: float) -> list[Member]:
        give_up_s = time.monotonic() + timeout_s
        while not condition(found := await self.members()):
            if time.monotonic() > give_up_s:
                raise StageError(f"the databases do not find together: {found}; see {self._folder}")
            await asyncio.sleep(0.2)
        return found

    async def _until_primary_alone(self) -> None:
        """HAProxy takes all three for the primary until it has looked at each."""
        give_up_s, in_a_row = time.monotonic() + _MAKING_S, 0
        while in_a_row < 2 * len(self.machines):
            try:
                await self.execute("SELECT 1")
                in_a_row += 1
            except (OSError, asyncpg.PostgresError, asyncpg.InternalClientError, TimeoutError):
                in_a_row = 0
                if time.monotonic() > give_up_s:
                    raise StageError(f"HAProxy finds no primary; see {self._haproxy.log}") from None
                await asyncio.sleep(0.2)

    def _machine(self, name: str, address: str) -> Machine:
        folder = self._folder / name
        folder.mkdir()
        shutil.chown(folder, _OWNER, _OWNER)
        machine = Machine(name, address, self._folder, self.bridge)
        config = folder / "patroni.yaml"
        programs = find_postgres("postgres").resolve().parent
        config.write_text(files.patroni(name, address, folder, programs), "utf-8")
        machine.runs("etcd", [*as_owner(), find_program("etcd")], files.etcd(name, address, folder / "etcd"))
        machine.runs("patroni", [*as_owner(), find_program("patroni"), config], {})
        return machine


def _timeline(members: list[Member]) -> int:
    return max((int(one.get("timeline") or 0) for one in members if one["role"] == "leader"), default=0)


def _leads(member: Member) -> bool:
    return bool(member["role"] == "leader" and member["state"] == "running")


def _is_whole(members: list[Member]) -> bool:
    roles = sorted(member["role"] for member in members)
    return (
        roles == ["leader", "sync_standby", "sync_standby"]
        and all(member["state"] in ("running", "streaming") for member in members)
        and len({member.get("timeline") for member in members}) == 1
    )
