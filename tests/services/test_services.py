"""The fixtures do what they promise."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from asyncio.subprocess import PIPE
from pathlib import Path

import asyncpg
import pytest
from playwright.async_api import Browser
from redis.asyncio import Redis
from sqlalchemy import Connection, text

from loadtest.ports import free_port, is_listening
from server import programs
from server.importing import apart
from storage.database import Database
from tests.services.browser import open_profile
from tests.services.copies import Copies
from tests.services.forking import COMMAND, forked_program
from tests.services.postgres import PostgresServer, _children, _state
from tests.services.processes import ChildFailed, Processes
from tests.services.redis import RedisServer

SITE = "http://127.0.0.1"


@pytest.mark.parametrize("word", ["first", "second"])
async def test_each_test_gets_an_empty_database(database_url: str, word: str) -> None:
    def write_and_read(connection: Connection) -> list[str]:
        connection.execute(text("CREATE TABLE only_here (word TEXT)"))
        connection.execute(text("INSERT INTO only_here VALUES (:word)"), {"word": word})
        return list(connection.execute(text("SELECT word FROM only_here")).scalars())

    database = await Database.open(database_url)
    try:
        assert await database.write(write_and_read) == [word]
    finally:
        await database.close()


async def test_postgres_keeps_what_was_committed_when_it_is_killed(
    postgres_server: PostgresServer, postgres_url: str
) -> None:
    address = postgres_url.replace("+asyncpg", "")
    connection = await asyncpg.connect(address)
    await connection.execute("CREATE TABLE kept AS SELECT 1 AS one")

    postgres_server.kill()
    assert not postgres_server.running
    with pytest.raises((asyncpg.PostgresConnectionError, asyncpg.InterfaceError, OSError)):
        await connection.fetchval("SELECT one FROM kept")

    postgres_server.start()
    again = await asyncpg.connect(address)
    assert await again.fetchval("SELECT one FROM kept") == 1
    await again.close()


def test_postgres_copies_a_prepared_database(postgres_server: PostgresServer) -> None:
    postgres_server.start()
    prepared = postgres_server.create_database()
    postgres_server.execute("CREATE TABLE kept AS SELECT 1 AS one", database=prepared)
    copy = postgres_server.create_database(template=prepared)
    assert postgres_server.execute("SELECT one FROM kept", database=copy) == "1"
    for name in (copy, prepared):
        postgres_server.drop_database(name)


def test_a_copy_is_used_again_as_it_was_made_unless_its_tables_were_changed(postgres_server: PostgresServer) -> None:
    postgres_server.start()
    prepared = postgres_server.create_database()
    postgres_server.execute("CREATE TABLE one (id INTEGER GENERATED ALWAYS AS IDENTITY, word TEXT)", database=prepared)
    postgres_server.execute("INSERT INTO one (word) VALUES ('it''s')", database=prepared)
    copies = Copies(postgres_server, prepared)
    with copies.one() as first:
        postgres_server.execute("UPDATE one SET word = 'x'; INSERT INTO one (word) VALUES ('y')", database=first)
    with copies.one() as again:
        assert again == first
        postgres_server.execute("INSERT INTO one (word) VALUES ('z')", database=again)
        rows = postgres_server.execute("SELECT id, word FROM one ORDER BY id", database=again)
        assert rows.splitlines() == ["1|it's", "2|z"]
        postgres_server.execute("ALTER TABLE one DROP COLUMN word", database=again)
    with copies.one() as another:
        assert another != first
    for name in (another, prepared):
        postgres_server.drop_database(name)


def test_a_frozen_postgres_stands_still_however_many_are_just_connecting(postgres_server: PostgresServer) -> None:
    """A backend that was forked between the look at all of them and the freeze had gone on answering."""
    over = threading.Event()

    def connect() -> None:
        while not over.is_set():
            with socket.create_connection((postgres_server.host, postgres_server.port)):
                pass

    callers = [threading.Thread(target=connect) for _ in range(4)]
    for caller in callers:
        caller.start()
    assert postgres_server._child is not None
    pid = postgres_server._child.pid
    try:
        for _ in range(40):
            with postgres_server.frozen():
                before = _children(pid)
                assert {_state(one) for one in [pid, *before]} <= set("TZX")
                assert _children(pid) == before
    finally:
        over.set()
        for caller in callers:
            caller.join()


def test_a_port_is_given_to_one_process_alone() -> None:
    """Although nobody listens on it yet."""
    port = free_port()
    code = f"from loadtest import ports; ports._FIRST, ports._LAST = {port}, {port + 1}; ports.free_port()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "no free port" in done.stderr


async def test_redis_comes_back_on_the_same_port_and_remembers_nothing(
    redis_server: RedisServer, redis_url: str
) -> None:
    async with Redis.from_url(redis_url) as client:
        await client.set("key", "value")
    redis_server.kill()
    assert not is_listening(redis_server.port)
    redis_server.start()
    assert redis_server.url == redis_url
    async with Redis.from_url(redis_url) as client:
        assert await client.get("key") is None


async def test_chromium_opens_a_page(chromium: Browser) -> None:
    page = await chromium.new_page()
    await page.goto("data:text/html,<title>Pencils down</title>")
    assert await page.title() == "Pencils down"


@pytest.mark.chromium
async def test_a_profile_outlives_its_browser(tmp_path: Path) -> None:
    async with open_profile(tmp_path / "profile") as context:
        await context.add_cookies([{"name": "seat", "value": "17", "url": SITE, "expires": time.time() + 3600}])
    async with open_profile(tmp_path / "profile") as context:
        assert [cookie["value"] for cookie in await context.cookies(SITE)] == ["17"]


SERVER = """
import socket, sys, signal
signal.signal(signal.SIGTERM, lambda *_: sys.exit(3))
with socket.create_server(("127.0.0.1", int(sys.argv[1]))) as listener:
    print("listening on", sys.argv[1])
    signal.pause()
"""


async def test_a_child_is_awaited_by_line_and_by_port_and_ends_in_order(processes: Processes) -> None:
    port = free_port()
    child = processes.start([sys.executable, "-c", SERVER, str(port)])
    assert (await child.line(r"listening on (\d+)"))[1] == str(port)
    await child.port(port)
    assert child.running
    assert child.returncode is None
    assert await asyncio.to_thread(child.terminate) == 3
    assert not is_listening(port)


def test_a_killed_child_leaves_its_port_at_once(processes: Processes) -> None:
    port = free_port()
    for _ in range(2):
        child = processes.start([sys.executable, "-c", SERVER, str(port)])
        child.wait_for_line("listening")
        assert child.kill() == -signal.SIGKILL


def test_waiting_ends_when_the_child_does_and_tells_what_it_said(processes: Processes) -> None:
    child = processes.start([sys.executable, "-c", "print('cannot start: no settings'); raise SystemExit(2)"])
    with pytest.raises(ChildFailed, match=r"ended with 2 .*\n.*cannot start: no settings"):
        child.wait_for_line("ready")
    assert child.returncode == 2


def test_a_child_takes_its_own_children_along() -> None:
    port = free_port()
    parent = "import subprocess, sys; subprocess.run([sys.executable, '-c', *sys.argv[1:]])"
    with Processes() as children:
        child = children.start([sys.executable, "-c", parent, SERVER, str(port)])
        child.wait_for_line("listening")
        child.kill()
        assert is_listening(port)
    assert not is_listening(port)


@pytest.mark.parametrize("env", [{}, {"PENCILSDOWN_PORT": "http"}, {"PENCILSDOWN_TOKEN_SECRET": "short"}])
def test_a_forked_command_does_what_its_program_does(processes: Processes, tmp_path: Path, env: dict[str, str]) -> None:
    env = {"PENCILSDOWN_DATA": str(tmp_path / "data")} | env
    words = ["token", "--role", "candidate", "--user", "ada"] if len(env) > 1 else ["version"]
    forked = processes.start([COMMAND, *words], env=env, cwd=tmp_path)
    program = processes.start([sys.executable, COMMAND, *words], env=env, cwd=tmp_path)
    assert (forked.wait(), forked.output) == (program.wait(), program.output)


@pytest.mark.parametrize("written", [b"", b'{"name": "exam.gift", "title": "Sums"}\n::one:: 1 + 1 = {=2 ~3}'])
async def test_a_forked_program_does_what_its_module_does(monkeypatch: pytest.MonkeyPatch, written: bytes) -> None:
    told: list[tuple[int | None, bytes]] = []
    for create in (asyncio.create_subprocess_exec, forked_program):
        monkeypatch.setattr(programs, "create_subprocess_exec", create)
        program = await programs.start(apart, errors=PIPE)
        found, _ = await program.communicate(written)
        told.append((program.returncode, found))
    assert told[0] == told[1] == ((0, told[0][1]) if written else (1, b""))


async def test_a_forked_program_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "create_subprocess_exec", forked_program)
    program = await programs.start(apart)
    program.kill()
    assert await program.wait() == program.returncode == -signal.SIGKILL


def test_forked_commands_are_told_apart_and_killed(processes: Processes, tmp_path: Path) -> None:
    servers = [
        processes.start(
            [COMMAND, "serve"],
            env={"PENCILSDOWN_DATA": str(tmp_path / name), "PENCILSDOWN_PORT": str(free_port())},
            cwd=tmp_path,
        )
        for name in ("one", "other")
    ]
    for server in servers:
        server.wait_for_line("Serving at")
        assert os.getpgid(server.pid) == os.getsid(server.pid) == server.pid
        assert Path(f"/proc/{server.pid}/cwd").readlink() == tmp_path
    one, other = servers
    assert one.kill() == -signal.SIGKILL
    assert other.running
    assert other.terminate() == 0
