"""A person is erased over REST and by the command line, beside a running server, on one node and on several."""

import asyncio
import json
import os
import sys
from asyncio import AbstractEventLoop, Task
from base64 import b64decode
from gc import get_referents
from hashlib import blake2b, sha256
from logging import Handler, Logger
from pathlib import Path
from types import CodeType, FrameType, FunctionType, ModuleType
from typing import Any

import pytest
from msgspec import Struct

from loadtest.checker.database import seed_hash
from protocol.attempt.model import Role
from protocol.codes import Code
from server.node import Node
from storage.erasing import OF_HER_IN_ROW
from storage.errors import NotAllowed
from tests.server.conftest import SECRET, Pair
from tests.server.harness.exam import ORG, TEST
from tests.server.harness.running import HOUR_MS, RunningServer
from tests.server.harness.waiting import eventually
from tests.services.processes import Processes
from tests.storage.leftovers import found_in

HER = "canary/9f31+her"
"""Some identity providers write base64 into `sub`."""
PATH = "/users/canary/9f31+her"
NOT_THE_NODES = (type, ModuleType, CodeType, FrameType, Task, AbstractEventLoop, Logger, Handler)
WORDS = {HER, "canary-name", "canary-word", "canary-message"}


async def sat(server: RunningServer, *, ended: bool = True) -> str:
    """An attempt of hers, with her name, an answer and a message."""
    attempt_id = await server.started(HER, display_name="canary-name")
    path = f"/test-attempts/{attempt_id}"
    (await server.call("POST", f"{path}/messages", server.service, {"text": "canary-message"})).ok()
    answers = [{"n": 1, "question_id": "word", "value": "canary-word", "client_at_ms": 0}]
    (await server.act("POST", f"{path}/answers", server.token(user=HER), {"answers": answers})).ok()
    if ended:
        (await server.call("POST", f"{path}/complete", server.service, {})).ok()
        await server.reaches(attempt_id, "completed")
    return attempt_id


def remembered_by(node: Node, word: str) -> set[str]:
    """The texts in the node's memory that contain the word: all that can be reached from it, but for what is the
    interpreter's own."""
    seen: set[int] = set()
    found: set[str] = set()
    waiting: list[object] = [node]
    while waiting:
        one = waiting.pop()
        if id(one) in seen or isinstance(one, NOT_THE_NODES):
            continue
        seen.add(id(one))
        text = bytes(one).decode(errors="replace") if isinstance(one, bytes | bytearray) else one
        if isinstance(text, str):
            found.update({text[:200]} if word in text else ())
        elif isinstance(one, FunctionType):
            waiting += [one.__closure__, one.__defaults__, one.__kwdefaults__]
        elif isinstance(one, Struct):
            waiting += [getattr(one, name, None) for name in one.__struct_fields__]
        else:
            waiting += get_referents(one)
    return found


async def left_in(server: RunningServer) -> set[str]:
    return await found_in(server.node.database, server.settings.database, WORDS)


async def rows_of(server: RunningServer) -> dict[str, dict[str, Any]]:
    reply = (await server.call("GET", f"/tests/{TEST}/attempts", server.instructor)).ok()
    return {row["attempt_id"]: row for row in reply["attempts"]}


async def test_she_is_exported_and_erased_and_her_numbers_stay(server: RunningServer) -> None:
    attempt_id = await sat(server)
    export = (await server.call("GET", f"{PATH}/export", server.service)).ok()
    (attempt,) = export["attempts"]
    assert WORDS - {word for word in WORDS if word in json.dumps(export)} == set()
    assert attempt["answers"][0]["value"] == "canary-word"
    before = (await rows_of(server))[attempt_id]
    assert (await server.call("DELETE", PATH, server.service)).ok() == {"attempts": 1}
    assert await left_in(server) == set()
    assert server.node.registry.at_hand(attempt_id) is None
    after = (await rows_of(server))[attempt_id]
    assert after["user_id"].startswith("erased-")
    changed = {"user_id", "name", "seq", "last_seen_ms", "tick", *OF_HER_IN_ROW}
    assert {name: value for name, value in after.items() if name not in changed} == {
        name: value for name, value in before.items() if name not in changed
    }
    for what in ("status", "answers", "result"):
        reply = await server.call("GET", f"/test-attempts/{attempt_id}/{what}", server.instructor)
        assert (reply.status, reply.code) == (410, Code.ERASED)
    hers = await server.call("GET", f"/test-attempts/{attempt_id}/status", server.token(user=HER))
    assert hers.code == Code.NOT_FOUND
    log = (await server.call("GET", f"/test-attempts/{attempt_id}/log", server.instructor)).ok()["entries"]
    assert [entry["body"] == "" for entry in log] == [True] * (len(log) - 1) + [False]
    assert (log[-1]["kind"], log[-1]["by"], log[-1]["role"]) == ("erased", "platform", "service")
    assert (await server.call("DELETE", PATH, server.service)).ok() == {"attempts": 0}
    assert (await server.call("GET", f"{PATH}/export", server.service)).ok()["attempts"] == []


async def test_the_chain_of_an_erased_log_is_verified_by_a_stranger(server: RunningServer) -> None:
    attempt_id = await sat(server)
    (await server.call("DELETE", PATH, server.service)).ok()
    page = (await server.call("GET", f"/test-attempts/{attempt_id}/log", server.instructor)).ok()
    head = seed_hash(attempt_id)
    for entry in page["entries"]:
        head = sha256(head + b64decode(entry["header"]) + bytes.fromhex(entry["digest"])).digest()
        assert entry["hash"] == head.hex()
    last = page["entries"][-1]
    digest = blake2b(b64decode(last["body"]), digest_size=32, key=bytes.fromhex(page["key"])).hexdigest()
    assert last["digest"] == digest


async def test_not_while_she_sits(server: RunningServer) -> None:
    attempt_id = await sat(server, ended=False)
    reply = await server.call("DELETE", PATH, server.service)
    assert (reply.status, reply.code) == (409, Code.UNDER_WAY)
    assert "then erase again" in reply.body["detail"]
    assert (await server.status(attempt_id))["status"] == "in_progress"


async def test_the_address_of_an_export_erases_nobody(server: RunningServer) -> None:
    await sat(server)
    reply = await server.call("DELETE", f"{PATH}/export", server.service)
    assert (reply.status, reply.headers["allow"]) == (405, "GET, HEAD")
    assert len((await server.call("GET", f"{PATH}/export", server.service)).ok()["attempts"]) == 1


@pytest.mark.parametrize("role", [Role.CANDIDATE, Role.INSTRUCTOR])
async def test_only_a_service_erases(server: RunningServer, role: Role) -> None:
    token = server.token(role, HER)
    assert (await server.call("DELETE", PATH, token)).code == Code.FORBIDDEN
    assert (await server.call("GET", f"{PATH}/export", token)).code == Code.FORBIDDEN


@pytest.mark.parametrize("scope", [{"tests": [TEST]}, {"attempt_id": "01890a5d-ac96-774b-bcce-b302099a8057"}])
async def test_a_token_for_less_is_none_for_a_person(server: RunningServer, scope: dict[str, Any]) -> None:
    token = server.token(Role.SERVICE, "platform", **scope)
    assert (await server.call("DELETE", PATH, token)).code == Code.FORBIDDEN
    assert (await server.call("GET", f"{PATH}/export", token)).code == Code.FORBIDDEN


async def test_a_withdrawal_holds_after_its_user_was_erased(server: RunningServer) -> None:
    await sat(server)
    token = server.token(user=HER)
    (await server.call("POST", "/revocations", server.service, {"user_id": HER, "reason": "canary-message"})).ok()
    assert (await server.call("DELETE", PATH, server.service)).ok() == {"attempts": 1}
    assert await left_in(server) == set()
    reply = await server.call("POST", "/test-attempts", token, {"test_id": TEST})
    assert reply.code == Code.TOKEN_REVOKED
    assert HER not in str(vars(server.node.withdrawn)), "nor does the node's memory name her"


async def test_whoever_looks_at_her_result_is_sent_away_and_the_monitor_forgets_her(server: RunningServer) -> None:
    attempt_id = await sat(server)
    async with await server.watch() as watcher, await server.sit(attempt_id, HER) as socket:
        (await server.call("DELETE", PATH, server.service)).ok()
        await socket.end()
        row: dict[str, Any] = {"user_id": HER}
        while row["user_id"] == HER:
            (row,) = (await watcher.until("rows"))["rows"]
        assert (row["user_id"][:7], row["name"]) == ("erased-", "")
        await watcher.send("extend", command_id="late", attempt_id=attempt_id, add_ms=60_000, reason="")
        refused = await watcher.until("command_refused")
        assert (refused["command_id"], refused["code"]) == ("late", Code.ERASED)


async def test_nothing_of_her_is_left_in_the_memory_of_a_node(server: RunningServer) -> None:
    attempt_id = await sat(server)
    node = server.node
    # All that a node keeps of somebody for a while.
    person = {"name": "canary-name", "email": "canary-word@example.com"}
    (await server.call("PUT", "/people/canary%2F9f31+her", server.service, person)).ok()
    async with await server.watch() as watcher, await server.sit(attempt_id, HER) as socket:
        for what in ("status", "answers", "result", "log"):
            (await server.call("GET", f"/test-attempts/{attempt_id}/{what}", server.instructor)).ok()
        for what in ("attempts", "results", "statistics"):
            (await server.call("GET", f"/tests/{TEST}/{what}", server.instructor)).ok()
        assert {word for word in WORDS if remembered_by(node, word)} == WORDS
        (await server.call("DELETE", PATH, server.service)).ok()
        await socket.end()
        await watcher.until("rows")
    # What she may still send and connect in a while is counted for a minute.
    server.pass_time(60_000)
    await node.erasures.learn()
    assert {word: remembered_by(node, word) for word in sorted(WORDS)} == {word: set() for word in sorted(WORDS)}


async def test_a_monitor_forgets_her_whose_attempt_no_node_has_in_memory(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.monitor.room.FRESH_EVERY_MS", HOUR_MS)
    attempt_id = await sat(server)
    async with await server.watch() as watcher:
        live = server.node.registry.at_hand(attempt_id)
        assert live is not None
        server.node.registry.forget(live)
        (await server.call("DELETE", PATH, server.service)).ok()
        # A row counts as behind at the second look that finds it so.
        await server.node.rooms.catch_up()
        await server.node.rooms.catch_up()
        row: dict[str, Any] = {"user_id": HER}
        while row["user_id"] == HER:
            (row,) = (await watcher.until("rows"))["rows"]
        assert (row["user_id"][:7], row["name"]) == ("erased-", "")


async def test_another_node_forgets_her_when_it_is_told(pair: Pair) -> None:
    await forgets(pair, told=True)


async def test_another_node_finds_out_by_itself(deaf_pair: Pair) -> None:
    await forgets(deaf_pair, told=False)


async def forgets(pair: Pair, *, told: bool) -> None:
    one, two = pair
    attempt_id = await sat(one)
    async with await two.sit(attempt_id, HER) as socket:
        assert two.node.registry.at_hand(attempt_id) is not None
        assert (await one.call("DELETE", PATH, one.service)).ok() == {"attempts": 1}
        if not told:
            await two.node.erasures.learn()
        await socket.end()
    await eventually(lambda: two.node.registry.at_hand(attempt_id) is None)
    for server in pair:
        assert (await server.call("GET", f"/test-attempts/{attempt_id}/status", server.service)).code == Code.ERASED
        await server.node.snapshotter.take(everything=True)
    assert await left_in(one) == set()


def pencilsdown(processes: Processes, server: RunningServer, *words: str) -> str:
    env = {"PENCILSDOWN_DATA": str(server.settings.data), "PENCILSDOWN_TOKEN_SECRET": SECRET}
    child = processes.start([Path(sys.executable).with_name("pencilsdown"), *words], env=env)
    child.wait()
    return child.output


async def test_the_command_line_beside_a_running_server(
    server: RunningServer, processes: Processes, tmp_path: Path
) -> None:
    attempt_id = await sat(server)
    person = ("--org", ORG, "--user", HER)
    file = tmp_path / "export.json"
    assert "is in" in pencilsdown(processes, server, "export", str(file), *person)
    assert json.loads(file.read_bytes())["attempts"][0]["attempt_id"] == attempt_id
    assert os.stat(file).st_mode & 0o077 == 0
    assert "1 attempts were erased" in pencilsdown(processes, server, "erase", *person, "--by", "registrar")
    assert await left_in(server) == set()
    assert server.node.registry.at_hand(attempt_id) is not None, "nobody has told the server"
    await server.node.erasures.learn()
    await eventually(lambda: server.node.registry.at_hand(attempt_id) is None)
    await server.node.snapshotter.take(everything=True)
    assert await left_in(server) == set()
    said = pencilsdown(processes, server, "verify-log")
    assert f"attempt {attempt_id}: the bodies of records 1 to" in said
    assert "by service registrar; the chain holds" in said
    assert "1 attempts" in said
    assert "0 broken" in said


async def test_the_command_line_says_what_to_do_while_she_sits(server: RunningServer, processes: Processes) -> None:
    await sat(server, ended=False)
    assert "then erase again" in pencilsdown(processes, server, "erase", "--org", ORG, "--user", HER)


async def test_a_copy_that_comes_to_memory_after_the_first_look_is_found_by_the_next(server: RunningServer) -> None:
    """As an attempt does that was being read when its candidate was erased."""
    attempt_id = await sat(server)
    node = server.node
    live = await node.registry.get(attempt_id)
    assert live is not None
    read = live.committed
    (await server.call("DELETE", PATH, server.service)).ok()
    await eventually(lambda: node.registry.at_hand(attempt_id) is None)
    await node.registry._enliven(read, "canary-name")
    await node.erasures.learn()
    await eventually(lambda: node.registry.at_hand(attempt_id) is None)


async def test_who_was_erased_is_forgotten_before_the_answer_however_slowly_her_log_is_read(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The node had her in memory until the log was read again, and said all that it knew of her meanwhile."""
    attempt_id = await sat(server)
    live = await server.node.registry.get(attempt_id)
    assert live is not None
    read = live._reader.read

    async def read_slowly(*arguments: Any) -> Any:
        # More turns than the call takes beside it.
        for _ in range(2_000):
            await asyncio.sleep(0)
        return await read(*arguments)

    async def nothing() -> None:
        """To write the file anew takes longer."""

    monkeypatch.setattr(live._reader, "read", read_slowly)
    monkeypatch.setattr(server.node.erasures._erasing, "scrub", nothing)
    (await server.call("DELETE", PATH, server.service)).ok()
    reply = await server.call("GET", f"/test-attempts/{attempt_id}/status", server.instructor)
    assert reply.code == Code.ERASED


async def test_a_server_that_may_not_erase_says_so(server: RunningServer, monkeypatch: pytest.MonkeyPatch) -> None:
    async def refuse(*_: object) -> int:
        raise NotAllowed("PostgreSQL: permission denied for table attempt_log")

    monkeypatch.setattr(server.node, "erase", refuse)
    reply = await server.call("DELETE", PATH, server.service)
    assert (reply.status, reply.code) == (403, Code.FORBIDDEN)
    assert "pencilsdown erase" in reply.body["detail"]
