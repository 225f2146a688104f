"""A candidate has one open attempt at a test, and no more than she may have, whatever comes at the same moment."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest

from protocol.attempt.model import OPEN
from protocol.codes import Code
from tests.server.conftest import Pair
from tests.server.harness.exam import ORG, TEST
from tests.server.harness.running import Reply, RunningServer
from tests.services.patience import PATIENCE_S

FIFTY = 50


def staff(server: RunningServer, attempt_id: str, what: str, **body: object) -> Any:
    """A staff command, as a call that is about to be made."""
    return server.call("POST", f"/test-attempts/{attempt_id}/{what}", server.instructor, {"reason": "why", **body})


def make(server: RunningServer, user: str) -> Any:
    """A call for an attempt, about to be made."""
    return server.call("POST", "/test-attempts", server.service, {"test_id": TEST, "user_id": user})


async def had(server: RunningServer, user: str) -> tuple[int, int]:
    """How many attempts of hers are open, and how many count."""
    found = await server.node.attempts.of_user(ORG, TEST, user)
    return sum(one.status in OPEN for one in found), sum(one.counts for one in found)


@asynccontextmanager
async def log_held(server: RunningServer, waiting: int) -> AsyncIterator[None]:
    """Nothing is written to the log until so many transactions wait: each was decided before the others' end."""
    connection = await asyncpg.connect(server.settings.database_url.replace("+asyncpg", ""))
    try:
        async with connection.transaction():
            await connection.execute("LOCK TABLE attempt_log IN SHARE MODE")
            yield
            async with asyncio.timeout(PATIENCE_S):
                while await connection.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted") < waiting:  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
    finally:
        await connection.close()


async def cancelled(server: RunningServer, user: str) -> str:
    attempt_id = await server.started(user)
    (await staff(server, attempt_id, "cancel")).ok()
    return attempt_id


async def completed(server: RunningServer, user: str) -> str:
    attempt_id = await server.started(user)
    (await server.call("POST", f"/test-attempts/{attempt_id}/complete", server.service, {})).ok()
    await server.reaches(attempt_id, "completed")
    return attempt_id


@pytest.mark.parametrize("what", ["reinstate", "reopen"])
async def test_of_making_one_and_opening_another_again_one_succeeds(deaf_pair: Pair, what: str) -> None:
    one, two = deaf_pair
    await one.make_test(max_attempts=2)
    first = await (cancelled if what == "reinstate" else completed)(one, "ada")
    async with log_held(one, 2):
        body = {} if what == "reinstate" else {"left_ms": 60_000}
        both = asyncio.gather(make(one, "ada"), staff(two, first, what, **body))
    made, again = await both
    assert (await had(one, "ada"))[0] == 1
    if again.status == 200:
        # Whoever asks for an attempt is given the open one.
        assert (made.ok()["attempt_id"], made.body["created"]) == (first, False)
    else:
        assert (again.code, made.ok()["created"]) == (Code.ATTEMPT_OPEN, True)


@pytest.mark.postgres
async def test_two_cancelled_attempts_are_not_both_reinstated(deaf_pair: Pair) -> None:
    one, two = deaf_pair
    first, second = await cancelled(one, "ada"), await cancelled(one, "ada")
    async with log_held(one, 2):
        both = asyncio.gather(staff(one, first, "reinstate"), staff(two, second, "reinstate"))
    assert sorted(reply.status for reply in await both) == [200, 409]
    assert await had(one, "ada") == (1, 1)


async def test_fifty_at_once_on_two_nodes_beat_no_limit(deaf_pair: Pair) -> None:
    one, _ = deaf_pair
    await one.make_test(max_attempts=2)
    done, void, also_void = await completed(one, "ada"), await cancelled(one, "ada"), await cancelled(one, "ada")

    def ask(number: int) -> Any:
        server = deaf_pair[number % 2]
        match number // 2 % 4:
            case 0:
                return make(server, "ada")
            case 1:
                return staff(server, void, "reinstate")
            case 2:
                return staff(server, also_void, "reinstate")
            case _:
                return staff(server, done, "reopen", left_ms=60_000)

    replies: list[Reply] = list(await asyncio.gather(*map(ask, range(FIFTY))))
    assert await had(one, "ada") <= (1, 2)
    assert {reply.code for reply in replies if reply.status >= 400} <= {
        Code.ATTEMPT_OPEN,
        Code.ATTEMPT_LIMIT,
        Code.NOT_CANCELLED,
        Code.NOT_ENDED,
        # A loaded machine: it is asked again.
        Code.STORAGE_UNAVAILABLE,
    }
    # What is open is ended, and there is no further one.
    for attempt in await one.node.attempts.of_user(ORG, TEST, "ada"):
        if attempt.status in OPEN:
            (await staff(one, attempt.attempt_id, "cancel", counts=True)).ok()
    assert await had(one, "ada") in ((0, 1), (0, 2))
