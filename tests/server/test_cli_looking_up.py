"""An operator looks attempts, tests, people and deliveries up, and has servers act on attempts."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from server.cli import app
from server.commands import attempts
from storage import audit
from storage.bulk import BulkActs
from storage.errors import StorageUnavailable
from tests.server.conftest import SECRET
from tests.server.harness.exam import CANDIDATE, ORG, TEST
from tests.server.harness.running import RunningServer

Run = Callable[..., Awaitable[Result]]


@pytest.fixture
def run(server: RunningServer, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A command beside the server, for its organisation."""
    monkeypatch.setenv("PENCILSDOWN_DATABASE_URL", server.settings.database)
    monkeypatch.setenv("PENCILSDOWN_TOKEN_SECRET", SECRET)

    async def invoke(*words: str) -> Result:
        handlers = logging.root.handlers[:]
        try:
            return await asyncio.to_thread(CliRunner().invoke, app, [*words, "--org", ORG])
        finally:
            # The command writes its log to its own standard error, which is closed now.
            logging.root.handlers[:] = handlers

    return invoke


async def told(run: Run, *words: str) -> Any:
    result = await run(*words, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


async def test_an_attempt_gets_more_time_and_is_ended_by_a_server(server: RunningServer, run: Run) -> None:
    attempt_id, other = await server.started(), await server.started("bob")
    before = (await server.status(attempt_id))["clocks"][0]["deadline_ms"]
    (outcome,) = await told(run, "attempts", "extend", attempt_id, "--minutes", "5", "--reason", "a fire alarm")
    assert outcome == {"attempt_id": attempt_id, "outcome": "done", "code": None, "detail": None}
    assert (await server.status(attempt_id))["clocks"][0]["deadline_ms"] == before + 300_000
    log = (await server.call("GET", f"/test-attempts/{attempt_id}/log", server.instructor)).ok()["entries"]
    assert (log[-1]["kind"], log[-1]["by"], log[-1]["role"]) == ("extended", "operator", "service")

    ended = await told(run, "attempts", "end", attempt_id, other, "--reason", "evacuated", "--said", "Leave.")
    assert [one["outcome"] for one in ended] == ["done", "done"]
    assert (await server.status(other))["ended_as"] is None
    server.pass_time(60_000)
    await server.advance(1)
    for one in (attempt_id, other):
        await server.reaches(one, "completed")
    again = await run("attempts", "end", attempt_id, "--reason", "evacuated")
    assert again.exit_code == 1
    assert "refused" in again.stdout
    entries = (await server.call("GET", "/audit", server.service)).ok()["entries"]
    assert [entry["kind"] for entry in entries].count("bulk_act") == 3


async def test_attempts_at_several_tests_are_acted_on_together_or_not_at_all(
    server: RunningServer, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever reads that it failed gives it again: nobody may have got her time by then."""
    one = await server.started()
    await server.make_test("other")
    other = await server.make_attempt(test_id="other")
    append = audit.append

    def fails(connection: Any, org_id: str, by: Any, entry: Any, now_ms: int) -> None:
        if entry.of_test == "other":
            raise StorageUnavailable("away")
        append(connection, org_id, by, entry, now_ms)

    with monkeypatch.context() as patched:
        patched.setattr(audit, "append", fails)
        assert (await run("attempts", "extend", one, other, "--minutes", "5", "--reason", "r")).exit_code == 1
    rows = await server.node.database.read(lambda it: it.exec_driver_sql("SELECT count(*) FROM bulk_acts").scalar())
    assert rows == 0
    again = await run("attempts", "extend", one, other, "--minutes", "5", "--reason", "r")
    assert again.stdout.count(" done ") == 1
    assert again.stdout.count(" refused ") == 1, "she has not begun the other one"


async def test_what_the_servers_have_is_told_as_theirs_where_the_database_goes_away(
    server: RunningServer, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempt_id = await server.started()

    async def fails(*_: object) -> None:
        raise StorageUnavailable("away")

    monkeypatch.setattr(BulkActs, "targets", fails)
    monkeypatch.setattr(attempts, "_PATIENCE_S", 0.3)
    result = await run("attempts", "extend", attempt_id, "--minutes", "5", "--reason", "r", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)[0]["outcome"] is None
    assert "It stays in the database, and one will." in result.stderr


async def test_nothing_is_left_in_the_database_where_no_server_runs(server: RunningServer, run: Run) -> None:
    attempt_id = await server.started()
    database = server.node.database
    await server.node.fleet.leave()
    result = await run("attempts", "end", attempt_id, "--reason", "r")
    assert result.exit_code == 1
    assert "No server runs on this database: nothing was done." in result.output
    rows = await database.read(lambda it: it.exec_driver_sql("SELECT count(*) FROM bulk_acts").scalar())
    assert rows == 0


async def test_what_there_is_is_listed_and_shown(server: RunningServer, run: Run) -> None:
    attempt_id = await server.started()
    person = {"name": "Ada Lovelace", "email": "ada@example.org"}
    (await server.call("PUT", f"/people/{CANDIDATE}", server.service, person)).ok()

    (test,) = await told(run, "tests", "list")
    assert (test["test_id"], test["version"]) == (TEST, 1)
    shown = await told(run, "tests", "show", TEST)
    assert shown["attempts"]["in_progress"] == 1
    assert "correct" not in json.dumps(shown)

    (one,) = await told(run, "attempts", "list", "--test", TEST, "--status", "in_progress")
    assert one == await told(run, "attempts", "show", attempt_id)
    assert (one["attempt_id"], one["user_id"]) == (attempt_id, CANDIDATE)
    assert await told(run, "attempts", "list", "--after", attempt_id) == []
    lines = (await run("attempts", "list")).stdout.splitlines()
    assert lines[0].split()[:2] == ["attempt_id", "test_id"]
    assert lines[1].split()[:3] == [attempt_id, TEST, CANDIDATE]

    (user,) = await told(run, "users", "list")
    assert user["name"] == "Ada Lovelace"
    assert len((await run("users", "list")).stdout.splitlines()) == 2
    assert (await told(run, "users", "show", CANDIDATE))["attempts"][0]["attempt_id"] == attempt_id


async def test_deliveries_are_looked_at_and_tried_again(server: RunningServer, run: Run) -> None:
    node = server.node
    wanted = {"kind": "webhook", "target": "https://receiver.example/hook", "topics": ["attempt.*"]}
    made = (await server.call("POST", "/subscriptions", server.service, wanted)).ok()
    name = made["subscription"]["subscription_id"]
    (listed,) = await told(run, "subscriptions", "list")
    assert listed == await told(run, "subscriptions", "show", name)
    assert "secret" not in json.dumps(listed)
    await server.started()
    async with asyncio.timeout(30):
        while not (found := await told(run, "deliveries", "list", "--subscription", name)):
            await node.courier.take_over()
    event_id = found[-1]["event_id"]
    said = await told(run, "deliveries", "show", event_id, "--subscription", name)
    assert said["data"]["attempt_id"]
    assert await told(run, "deliveries", "retry", "--subscription", name) == {"tried_again": 0}
    dead = "UPDATE deliveries SET state = 'dead'"
    await node.database.write(lambda it: it.exec_driver_sql(dead).close())
    assert await told(run, "deliveries", "retry", "--subscription", name, "--event", event_id) == {"tried_again": 1}
