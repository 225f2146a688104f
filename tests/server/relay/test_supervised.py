"""What an operator reads in the log when Redis is not what the setting says, or is away."""

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import NoPermissionError, ResponseError

from loadtest.ports import free_port
from server.relay.supervised import Outage, Supervised
from tests.server.harness.waiting import eventually
from tests.server.relay.nodes import node
from tests.services.redis import RedisServer

PASSWORD = "hunter2-of-the-relay"


async def warned(caplog: pytest.LogCaptureFixture, url: str, words: str) -> None:
    """A node with this URL names what is wrong, and keeps the secret."""
    async with node(url, "one") as one:
        await eventually(lambda: words in caplog.text)
        assert not one.healthy
    assert "The relay cannot use Redis" in caplog.text
    assert PASSWORD not in caplog.text


async def test_a_wrong_password_is_named(caplog: pytest.LogCaptureFixture, redis_url: str) -> None:
    url = redis_url.replace("redis://", f"redis://nobody:{PASSWORD}@")
    await warned(caplog, url, "it refuses the user or the password")


async def test_a_wrong_password_for_a_cluster_is_named(
    caplog: pytest.LogCaptureFixture, redis_cluster_url: str
) -> None:
    url = redis_cluster_url.replace("redis+cluster://", f"redis+cluster://nobody:{PASSWORD}@")
    await warned(caplog, url, "it refuses the user or the password")


async def test_a_redis_that_is_no_cluster_is_named(
    caplog: pytest.LogCaptureFixture, redis_url: str, redis_server: RedisServer
) -> None:
    # Also where another server of the list is only away.
    url = f"redis+cluster://127.0.0.1:{free_port()},{redis_server.host}:{redis_server.port}"
    await warned(caplog, url, "it is no cluster")


async def test_a_user_who_may_not_listen_is_named(
    caplog: pytest.LogCaptureFixture, redis_url: str, redis_server: RedisServer
) -> None:
    redis_server.command("ACL", "SETUSER", "narrow", "on", f">{PASSWORD}", "+@all", "resetchannels", "&elsewhere:*")
    await warned(caplog, redis_url.replace("redis://", f"redis://narrow:{PASSWORD}@"), "its access rules forbid it")


class Failing(Supervised):
    """Fails with one error after the other, then goes on."""

    def __init__(self, *errors: Exception) -> None:
        self.told: list[str | None] = []
        super().__init__("failing", self.told.append)
        self._errors = list(errors)

    async def _work(self) -> None:
        if self._errors:
            raise self._errors.pop(0)
        self._goes_on()
        await eventually(lambda: False)


async def test_whatever_it_raises_it_is_taken_up_again() -> None:
    failing = Failing(
        RedisConnectionError("secret"),
        ExceptionGroup("both", [NoPermissionError("secret")]),
        ResponseError("unknown command 'SSUBSCRIBE', with args beginning with: 'secret'"),
        RuntimeError("a bug"),
    )
    failing.start()
    await eventually(lambda: failing.up)
    await failing.close()
    assert failing.told == [
        "ConnectionError",
        "its access rules forbid it",
        "it does not know the commands of Redis 7",
        "it ended",
        None,
    ]


def test_an_outage_is_told_once_and_its_end(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    outage = Outage("Redis at here")
    outage.over()
    assert [outage.note(reason) for reason in ("away", "away", "slow", "away")] == [True, False, True, False]
    outage.over()
    outage.over()
    assert outage.note("away")
    assert [record.getMessage().split(". ")[0] for record in caplog.records] == [
        "The relay cannot use Redis at here (away)",
        "The relay cannot use Redis at here (slow)",
        "The relay can use Redis at here again",
        "The relay cannot use Redis at here (away)",
    ]
