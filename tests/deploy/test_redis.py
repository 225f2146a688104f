"""The relay works with the rights of `redis.conf`, and nothing else does."""

import os
import subprocess
from collections.abc import Iterator, Sequence

import pytest

from server.relay.redis import RedisRelay
from tests.deploy.files import changed
from tests.server.harness.waiting import eventually
from tests.server.relay.nodes import seal
from tests.services.patience import PATIENCE_S
from tests.services.redis import RedisServer
from tests.services.server import find_binary

_PASSWORD = "the-password-of-a-test"


class GuardedRedis(RedisServer):
    """It runs with our file, on a port and in a folder of the test."""

    def _argv(self) -> Sequence[str | os.PathLike[str]]:
        file = self.folder / "redis.conf"
        file.write_text(changed("redis.conf", (">CHANGE-ME", f">{_PASSWORD}")))
        program = find_binary("redis-server")
        return [program, file, "--bind", self.host, "--port", str(self.port), "--dir", str(self.folder)]


@pytest.fixture
def guarded() -> Iterator[GuardedRedis]:
    with GuardedRedis() as server:
        server.start()
        yield server


def said(server: GuardedRedis, *words: str, password: str | None = _PASSWORD) -> str:
    who = ("--user", "pencilsdown", "--pass", password, "--no-auth-warning") if password is not None else ()
    argv = [find_binary("redis-cli"), "-h", server.host, "-p", str(server.port), *who, *words]
    return subprocess.run(argv, capture_output=True, text=True, timeout=PATIENCE_S, check=False).stdout.strip()


@pytest.mark.redis
async def test_nodes_hear_each_other(guarded: GuardedRedis) -> None:
    url = f"redis://pencilsdown:{_PASSWORD}@{guarded.host}:{guarded.port}/0"
    one, other = RedisRelay(url, seal("one")), RedisRelay(url, seal("other"))
    heard: list[bytes] = []
    try:
        await one.start()
        await other.start()
        other.subscribe("records", heard.append)
        await eventually(lambda: one.healthy and other.healthy)

        def told() -> bool:
            one.publish("records", b"news")
            return bool(heard)

        await eventually(told)
    finally:
        await one.close()
        await other.close()


@pytest.mark.redis
@pytest.mark.parametrize(
    "words",
    [
        "SET pencilsdown:x 1",
        "GET pencilsdown:x",
        "KEYS *",
        "FLUSHALL",
        "CONFIG GET *",
        "ACL LIST",
        "EVAL 'return 1' 0",
        "CLIENT LIST",
        "MONITOR",
        "SHUTDOWN",
        "PUBLISH another:channel x",
        "PSUBSCRIBE *",
    ],
)
def test_nothing_else_is_allowed(guarded: GuardedRedis, words: str) -> None:
    assert "NOPERM" in said(guarded, *words.split())


@pytest.mark.redis
def test_nobody_gets_in_without_the_password(guarded: GuardedRedis) -> None:
    assert "NOAUTH" in said(guarded, "PING", password=None)
    assert "NOAUTH" in said(guarded, "PING", password="guessed")
