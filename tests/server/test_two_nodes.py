"""Two nodes on one PostgreSQL and one Redis, in one process: what one does reaches who sits at the other."""

import asyncio

from protocol.attempt.model import Role
from protocol.codes import Close, Code
from server.monitor.room import WATCHED_FOR_MS
from tests.server.conftest import Pair
from tests.server.harness.exam import ANSWERS, ORG, TEST
from tests.server.harness.socket import Socket
from tests.server.sockets.test_instructor import row_of
from tests.services.redis import RedisServer


async def test_the_candidate_on_one_and_the_instructor_on_the_other(pair: Pair) -> None:
    one, two = pair
    attempt_id = await one.started()
    async with await one.sit(attempt_id) as socket, await two.watch() as watcher:
        await row_of(watcher, attempt_id, connection="online")
        await socket.send("answer", n=1, question_id="word", value="Euler", client_at_ms=0)
        await row_of(watcher, attempt_id, answered=1, connection="online")
        await watcher.send("extend", command_id="e", attempt_id=attempt_id, add_ms=300_000, reason="")
        await watcher.until("done", command_id="e")
        state = (await socket.until("state"))["state"]
        assert state["clocks"][0]["deadline_ms"] - state["started_at_ms"] == 900_000
        await watcher.send("message", command_id="m", attempt_id=attempt_id, text="Hello")
        await socket.until("staff_message", message_id="m")
        await socket.send("answer", n=2, question_id="word", value="Gauss", client_at_ms=0)
        await socket.until("ack", n=2)


async def test_rows_go_between_nodes_only_while_somebody_watches(pair: Pair) -> None:
    one, two = pair
    attempt_id = await one.started()
    told = 0
    publish = one.node.relay.publish

    def counted(channel: str, data: bytes) -> None:
        nonlocal told
        told += channel.startswith("rows:")
        publish(channel, data)

    one.node.relay.publish = counted  # type: ignore[method-assign]
    async with await one.sit(attempt_id) as socket:
        await answered(socket, 1)
        for server in pair:
            server.pass_time(WATCHED_FOR_MS)
        one.node.rooms.flush()
        told = 0
        await answered(socket, 2)
        one.node.rooms.flush()
        assert told == 0
        async with await two.watch() as watcher:
            await row_of(watcher, attempt_id, answered=2, connection="online")
            await answered(socket, 3)
            await row_of(watcher, attempt_id, answered=3)
        for server in pair:
            server.pass_time(WATCHED_FOR_MS)
        one.node.rooms.flush()
        told = 0
        await answered(socket, 4)
        one.node.rooms.flush()
        assert told == 0, "the last one has left"


async def answered(socket: Socket, number: int) -> None:
    """One more question, and the word that it is saved."""
    question_id = list(ANSWERS)[number - 1]
    await socket.send("answer", n=number, question_id=question_id, value=ANSWERS[question_id], client_at_ms=0)
    await socket.until("ack", n=number)


async def test_who_looks_at_both_after_the_end_and_leaves_both_is_shown_as_offline(pair: Pair) -> None:
    one, two = pair
    attempt_id = await one.started()
    async with await one.sit(attempt_id) as socket:
        await socket.send("submit", n=1, client_at_ms=0)
        await one.reaches(attempt_id, "completed")
    async with await two.watch() as watcher:
        async with await two.sit(attempt_id) as newer:
            async with await one.sit(attempt_id):
                await row_of(watcher, attempt_id, connection="online")
            two.pass_time(1_000)
            await newer.send("beat", t0_ms=1)
            await newer.until("echo")
            await row_of(watcher, attempt_id, connection="online")
        await row_of(watcher, attempt_id, connection="offline")


async def test_a_connection_at_the_other_supersedes(pair: Pair) -> None:
    one, two = pair
    attempt_id = await one.started()
    async with await one.sit(attempt_id) as old, await two.sit(attempt_id) as new:
        assert (await old.end())[1] == Close.SUPERSEDED
        await new.send("answer", n=1, question_id="word", value="Euler", client_at_ms=0)
        await new.until("ack", n=1)


async def test_answers_over_both_are_one_log(pair: Pair) -> None:
    attempt_id = await pair[0].started()
    token = pair[0].token()
    came = (await pair[0].call("POST", f"/test-attempts/{attempt_id}/resume", token, pair[0].arrival())).ok()

    async def answer(n: int) -> list[str]:
        answers = [{"n": n, "question_id": "word", "value": str(n), "client_at_ms": 0}]
        body = {"connection_id": came["connection_id"], "answers": answers}
        reply = (await pair[n % 2].call("POST", f"/test-attempts/{attempt_id}/answers", token, body)).ok()
        return [refused["code"] for refused in reply["refused"]]

    for n in range(1, 21):
        assert await answer(n) == []
    refusals = await asyncio.gather(*(answer(n) for n in range(21, 41)))
    assert {code for codes in refusals for code in codes} <= {Code.NUMBER_SKIPPED}, "overtaken by a later one"
    kept = (await pair[0].call("POST", f"/test-attempts/{attempt_id}/resume", token, pair[0].arrival())).ok()
    assert kept["last_n"] == 40


async def test_redis_dies_and_the_exam_goes_on(pair: Pair, redis_server: RedisServer) -> None:
    one, two = pair
    attempt_id = await one.started()
    async with await one.sit(attempt_id) as socket, await two.watch() as watcher:
        await row_of(watcher, attempt_id, connection="online")
        redis_server.kill()
        await socket.send("answer", n=1, question_id="word", value="Euler", client_at_ms=0)
        await socket.until("ack", n=1)
        await watcher.send("extend", command_id="e", attempt_id=attempt_id, add_ms=300_000, reason="")
        await watcher.until("done", command_id="e")
        await one.node.registry.find_moved()
        state = (await socket.until("state"))["state"]
        assert state["clocks"][0]["deadline_ms"] - state["started_at_ms"] == 900_000, "found out without the relay"
        await socket.send("answer", n=2, question_id="single", value="b", client_at_ms=0)
        await socket.until("ack", n=2)
        redis_server.start()
        await row_of(watcher, attempt_id, answered=2, connection="online")


async def test_twenty_calls_at_once_on_both_make_one_attempt(pair: Pair) -> None:
    token = pair[0].token()
    body = {"test_id": "algebra-1"}
    replies = await asyncio.gather(*(pair[n % 2].call("POST", "/test-attempts", token, body) for n in range(20)))
    assert len({reply.ok()["attempt_id"] for reply in replies}) == 1
    assert [reply.body["created"] for reply in replies].count(True) == 1


async def test_no_colon_in_a_name_opens_the_room_of_another_organisation(pair: Pair) -> None:
    one, two = pair
    await one.make_test("b:c", org="a")
    await one.make_test("c", org="a:b")
    theirs = await one.make_attempt("victim", org="a:b", test_id="c")
    async with await two.socket("/ws/monitor/b:c") as watcher:
        await watcher.hello(two.token(Role.INSTRUCTOR, "spy", "a"))
        await watcher.until("monitor_welcome")
        (await one.act("POST", f"/test-attempts/{theirs}/start", one.token(user="victim", org="a:b"), {})).ok()
        # What was relayed before this one would have come before it.
        own = await one.make_attempt("ada", org="a", test_id="b:c")
        seen: set[str] = set()
        while own not in seen:
            seen |= {row["attempt_id"] for row in (await watcher.next()).get("rows", [])}
    assert seen == {own}


async def test_fifty_calls_at_once_on_two_nodes_make_no_more_attempts_than_she_may_have(deaf_pair: Pair) -> None:
    one, two = deaf_pair
    await one.make_test(max_attempts=2)
    body = {"test_id": TEST}
    for number in (1, 2):
        calls = [node.call("POST", "/test-attempts", node.token(), body) for node in (one, two) for _ in range(25)]
        replies = [reply.ok() for reply in await asyncio.gather(*calls)]
        assert {reply["attempt_number"] for reply in replies} == {number}
        assert [reply["created"] for reply in replies].count(True) == 1
        path = f"/test-attempts/{replies[0]['attempt_id']}"
        starts = [node.call("POST", f"{path}/start", node.service, {}) for node in (one, two) for _ in range(25)]
        assert {reply.status for reply in await asyncio.gather(*starts)} == {200}
        kinds = [record.entry.fact for record in await one.node.attempts.records(replies[0]["attempt_id"])]
        assert [type(fact).__name__ for fact in kinds].count("Started") == 1
        (await two.call("POST", f"{path}/complete", two.service, {})).ok()
    calls = [node.call("POST", "/test-attempts", node.token(), body) for node in (one, two) for _ in range(25)]
    assert {reply.code for reply in await asyncio.gather(*calls)} == {Code.ATTEMPT_LIMIT}
    assert await one.node.attempts.count(ORG, TEST) == 2


async def test_while_fifty_calls_come_one_attempt_ends_and_the_limit_holds(deaf_pair: Pair) -> None:
    one, two = deaf_pair
    attempt_id = await one.started()
    end = one.call("POST", f"/test-attempts/{attempt_id}/complete", one.service, {})
    calls = [
        node.call("POST", "/test-attempts", node.token(), {"test_id": TEST}) for node in (two, one) for _ in range(25)
    ]
    ended, *replies = await asyncio.gather(end, *calls)
    ended.ok()
    for reply in replies:
        assert reply.code == Code.ATTEMPT_LIMIT if reply.status >= 400 else reply.body["attempt_id"] == attempt_id
    assert await one.node.attempts.count(ORG, TEST) == 1
