"""The candidate's socket: numbered operations in, acks, refusals and pushes out."""

import contextlib
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from protocol import limits
from protocol.attempt.commands import Wake
from protocol.attempt.model import Actor, Role
from protocol.codes import Close, Code
from server.sockets.candidate import CandidateSession
from server.sockets.outbound import Outbound
from tests.server.attempts.bench import Gate
from tests.server.conftest import StartServer
from tests.server.harness.exam import TEST
from tests.server.harness.running import RunningServer
from tests.server.harness.socket import HELLO, Socket, pack
from tests.server.harness.waiting import eventually

UNKNOWN_ID = "01890a5d-ac96-774b-bcce-b302099a8057"


async def refused(socket: Socket, n: int | None = None) -> str:
    """The code of the next refusal, which is of operation `n`."""
    message = await socket.until("refused", n=n)
    return str(message["code"])


def answer(n: int, question_id: str = "single", value: Any = "a") -> dict[str, Any]:
    return {"n": n, "question_id": question_id, "value": value, "client_at_ms": 1}


# Whose


async def test_what_is_not_hers_is_answered_like_what_does_not_exist(server: RunningServer) -> None:
    hers = await server.started()
    await server.make_test("other")
    other_attempt = await server.make_attempt(test_id="other")
    answers = set()
    for attempt_id, token in {
        UNKNOWN_ID: server.token(),
        "nothing": server.token(),
        UNKNOWN_ID.upper(): server.token(),
        hers: server.token(org="college"),
        f"{hers}%20": server.token(),
        hers + "?": server.token(user="bob"),
        hers + "?a": server.token(attempt_id=other_attempt),
        hers + "?b": server.token(tests=["other"]),
    }.items():
        async with await server.socket(f"/ws/attempts/{attempt_id}") as socket:
            await socket.hello(token)
            rest, code = await socket.end()
            answers.add((str(rest), code))
    assert len(answers) == 1
    assert answers.pop()[1] == Close.NOT_FOUND


async def test_an_attempts_id_may_be_written_in_any_case(server: RunningServer) -> None:
    attempt_id = await server.started()
    async with await server.sit(attempt_id.upper()) as socket:
        await socket.send("answer", **answer(1))
        await socket.until("ack", n=1)
    assert (await server.status(attempt_id.upper()))["status"] == "in_progress"
    async with await server.watch() as watcher:
        await watcher.send("pause", command_id="c", attempt_id=attempt_id.upper(), reason="")
        assert (await watcher.until("done", command_id="c"))["attempt_id"] == attempt_id.upper()


@pytest.mark.parametrize("role", [Role.INSTRUCTOR, Role.SERVICE])
async def test_staff_do_not_sit(server: RunningServer, role: Role) -> None:
    async with await server.socket(f"/ws/attempts/{await server.started()}") as socket:
        await socket.hello(server.token(role))
        assert await socket.refusal() == (Code.FORBIDDEN, Close.FORBIDDEN)


async def test_a_token_for_this_attempt_and_this_test_opens_it(server: RunningServer) -> None:
    attempt_id = await server.started()
    async with await server.socket(f"/ws/attempts/{attempt_id}") as socket:
        await socket.hello(server.token(attempt_id=attempt_id, tests=[TEST]))
        await socket.until("welcome")


# What


async def test_answers_that_do_not_fit(server: RunningServer) -> None:
    cases: list[tuple[str, Any, Code]] = [
        ("nowhere", "a", Code.UNKNOWN_QUESTION),
        ("single", "z", Code.UNKNOWN_OPTION),
        ("single", ["a"], Code.WRONG_ANSWER_TYPE),
        ("multiple", "a", Code.WRONG_ANSWER_TYPE),
        ("multiple", ["a", "z"], Code.UNKNOWN_OPTION),
        ("multiple", ["a", "a"], Code.WRONG_ANSWER_TYPE),
        ("fact", "perhaps", Code.UNKNOWN_OPTION),
        ("word", "x" * 21, Code.ANSWER_TOO_LONG),
        ("number", "1" * 65, Code.ANSWER_TOO_LONG),
    ]
    async with await server.sit(await server.started()) as socket:
        for n, (question_id, value, code) in enumerate(cases, 1):
            await socket.send("answer", **answer(n, question_id, value))
            assert await refused(socket, n) == code, (question_id, value)
        await socket.send("flag", n=20, question_id="nowhere", flagged=True, client_at_ms=0)
        assert await refused(socket, 20) == Code.UNKNOWN_QUESTION
        await socket.send("progress", n=21, question_index=5, client_at_ms=0)
        assert await refused(socket, 21) == Code.UNKNOWN_QUESTION
        await socket.send("receipt", n=22, message_id="nothing", seen=True, client_at_ms=0)
        assert await refused(socket, 22) == Code.UNKNOWN_MESSAGE_ID
        assert (await server.status(await only_attempt(server)))["seq"] == 3, "created, started, connected"


async def only_attempt(server: RunningServer) -> str:
    listed = (await server.call("GET", f"/tests/{TEST}/attempts", server.service)).ok()
    (row,) = listed["attempts"]
    return str(row["attempt_id"])


async def test_what_no_answer_can_be(server: RunningServer) -> None:
    cases: list[tuple[dict[str, Any], Code]] = [
        (answer(1, value="x" * (limits.MAX_ANSWER_CHARS + 1)), Code.ANSWER_TOO_LONG),
        (answer(1, value=7), Code.WRONG_TYPE),
        (answer(1, value={"a": 1}), Code.WRONG_TYPE),
        (answer(1, value=[1]), Code.WRONG_TYPE),
        (answer(1, value=[[1, 2]]), Code.WRONG_TYPE),
        (answer(1, value=[["a"]]), Code.OUT_OF_RANGE),
        (answer(1, value=["a"] * 65), Code.OUT_OF_RANGE),
        (answer(0), Code.OUT_OF_RANGE),
        (answer(1, question_id="x" * 129), Code.OUT_OF_RANGE),
        (answer(1) | {"extra": 1}, Code.UNKNOWN_FIELD),
    ]
    async with await server.sit(await server.started()) as socket:
        for fields, code in cases:
            await socket.send("answer", **fields)
            assert await refused(socket, fields["n"] or None) == code, fields


async def test_no_ack_of_a_later_one_can_be_taken_for_that_of_an_answer_that_cannot_be_read(
    server: RunningServer,
) -> None:
    half_a_character = pack("answer", **answer(1, "word", "cut ?")).replace(b"cut ?", b"cut \xed")
    async with await server.sit(await server.started()) as socket:
        await socket.raw(half_a_character)
        await socket.send("answer", **answer(2))
        assert await refused(socket, 1) == Code.MALFORMED
        await socket.until("ack", n=2)


async def test_the_longest_essay_fits_into_one_message(start_server: StartServer) -> None:
    server = await start_server()
    await server.make_test(essay=True)
    attempt_id = await server.started()
    longest = "\U0001f58d" * limits.MAX_ANSWER_CHARS
    async with await server.sit(attempt_id) as socket:
        await socket.send("answer", **answer(1, "essay", longest))
        await socket.until("ack", n=1)
    kept = (await server.call("GET", f"/test-attempts/{attempt_id}/answers", server.token())).ok()["answers"]
    assert [one["value"] for one in kept] == [longest]


# When


async def test_before_the_start(server: RunningServer) -> None:
    async with await server.sit(await server.make_attempt()) as socket:
        await socket.send("answer", **answer(1))
        assert await refused(socket, 1) == Code.NOT_STARTED
        await socket.send("submit", n=2, client_at_ms=0)
        assert await refused(socket, 2) == Code.NOT_STARTED


async def test_outside_the_window(server: RunningServer) -> None:
    now_ms = server.clock.now_ms()
    await server.make_test("window", opens_at_ms=now_ms + 60_000, closes_at_ms=now_ms + 120_000)
    async with await server.sit(await server.make_attempt(test_id="window")) as socket:
        await socket.send("start", n=1, client_at_ms=0)
        assert await refused(socket, 1) == Code.NOT_OPEN_YET
        await server.advance(200_000)
        await socket.send("start", n=2, client_at_ms=0)
        assert await refused(socket, 2) == Code.WINDOW_CLOSED


async def test_in_the_grace_and_after_the_closing(server: RunningServer) -> None:
    attempt_id = await server.started()
    async with await server.sit(attempt_id) as socket:
        await server.advance(600_000 - 1)
        await socket.send("answer", **answer(1))
        await socket.until("ack", n=1)
        await server.advance(1_000)
        await socket.send("answer", **answer(2, value="b"))
        await socket.until("ack", n=2)
        await server.advance(1_001)
        state = (await socket.until("state"))["state"]
        await socket.send("answer", **answer(3, value="c"))
        assert await refused(socket, 3) == Code.DEADLINE_PASSED
    assert state["status"] == "expired"
    assert state["ended_at_ms"] == state["started_at_ms"] + 600_000, "stamped with the deadline, not with the closing"


async def test_late_although_no_timer_fired(server: RunningServer) -> None:
    async with await server.sit(await server.started()) as socket:
        server.pass_time(602_000)
        await socket.send("answer", **answer(1))
        # The end is told first: the refusal stands on it.
        assert (await socket.until("state"))["state"]["status"] == "expired"
        assert await refused(socket, 1) == Code.DEADLINE_PASSED


async def test_after_the_submission(server: RunningServer) -> None:
    async with await server.sit(await server.started()) as socket:
        await socket.send("submit", n=1, client_at_ms=0)
        await socket.until("ack", n=1)
        await socket.send("answer", **answer(2))
        assert await refused(socket, 2) == Code.ALREADY_SUBMITTED
        await socket.send("start", n=3, client_at_ms=0)
        assert await refused(socket, 3) == Code.ALREADY_SUBMITTED
        await socket.send("submit", n=4, client_at_ms=0)
        assert (await socket.until("state"))["state"]["reference"], "submitting twice says the same again"


async def test_starting_twice(server: RunningServer) -> None:
    async with await server.sit(await server.started()) as socket:
        await socket.send("start", n=1, client_at_ms=0)
        assert await refused(socket, 1) == Code.ALREADY_STARTED


async def test_while_paused(server: RunningServer) -> None:
    attempt_id = await server.started()
    async with await server.sit(attempt_id) as socket:
        (await server.call("POST", f"/test-attempts/{attempt_id}/pause", server.instructor, {})).ok()
        state = (await socket.until("state"))["state"]
        assert (state["status"], state["clocks"][0]["deadline_ms"]) == ("paused", None)
        await socket.send("answer", **answer(1))
        await socket.until("ack", n=1)
        server.clock.advance(2_000)
        await socket.send("answer", **answer(2, value="b"))
        assert await refused(socket, 2) == Code.PAUSED
        (await server.call("POST", f"/test-attempts/{attempt_id}/resume", server.instructor, {})).ok()
        resumed = (await socket.until("state"))["state"]
        assert resumed["clocks"][0]["deadline_ms"] >= server.clock.now_ms() + state["clocks"][0]["left_ms"] - 2_000
        await socket.send("answer", **answer(2, value="b"))
        await socket.until("ack", n=2)


# Numbers


async def test_a_repeated_operation_is_acknowledged_again_and_recorded_once(server: RunningServer) -> None:
    attempt_id = await server.started()
    async with await server.sit(attempt_id) as socket:
        await socket.send("answer", **answer(1))
        first = await socket.until("ack", n=1)
        await socket.send("answer", **answer(1) | {"client_at_ms": 77})
        again = await socket.until("ack", n=1)
        assert again["seq"] == first["seq"]
        for _ in range(5):
            await socket.send("answer", **answer(2, value="c"))
        await socket.until("ack", n=2)
        await socket.send("beat", t0_ms=0)
        await socket.until("echo")
    assert (await server.status(attempt_id))["seq"] in (first["seq"] + 1, first["seq"] + 2), "and disconnected"


async def test_a_number_with_another_body(server: RunningServer) -> None:
    async with await server.sit(await server.started()) as socket:
        await socket.send("answer", **answer(1))
        await socket.until("ack", n=1)
        await socket.send("answer", **answer(1, value="b"))
        assert await refused(socket, 1) == Code.NUMBER_REUSED
        await socket.send("progress", n=1, question_index=0, client_at_ms=0)
        assert await refused(socket, 1) == Code.NUMBER_REUSED


async def test_a_number_that_was_skipped_is_spent_and_a_higher_one_never_too_high(server: RunningServer) -> None:
    async with await server.sit(await server.started()) as socket:
        await socket.send("answer", **answer(5))
        await socket.until("ack", n=5)
        await socket.send("answer", **answer(3))
        assert await refused(socket, 3) == Code.NUMBER_SKIPPED
        await socket.send("answer", **answer(2**40))
        await socket.until("ack", n=2**40)


async def test_five_hundred_refusals_in_a_row_shut_nobody_out(server: RunningServer) -> None:
    """In windows of 64, each operation with a number of its own, as the document asks."""
    attempt_id = await server.started()
    async with await server.sit(attempt_id) as socket:
        for first in range(1, 501, limits.SEND_WINDOW):
            window = range(first, min(first + limits.SEND_WINDOW, 501))
            for n in window:
                await socket.send("answer", **answer(n, value="z"))
            for n in window:
                assert await refused(socket, n) == Code.UNKNOWN_OPTION
            server.pass_time(2_000)
        await socket.send("answer", **answer(501))
        await socket.until("ack", n=501)
        await socket.send("submit", n=502, client_at_ms=0)
        await socket.until("ack", n=502)
    assert (await server.status(attempt_id))["ended_as"] == "submitted"


async def test_one_ack_for_all_that_was_committed_together(server: RunningServer) -> None:
    attempt_id = await server.started()
    async with await server.sit(attempt_id) as socket:
        gate = Gate(server.node.journal)
        for n in range(1, 13):
            await socket.send("answer", **answer(n, value="abc"[n % 3]))
        live = server.node.registry.at_hand(attempt_id)
        assert live is not None
        await eventually(lambda: len(live._pending) == 12)
        gate.open()
        await socket.until("ack", n=12)
        earlier = [message["n"] for message in socket.skipped if message["t"] == "ack"]
        assert len(earlier) <= 1, "one for what had been begun, one for the rest"


async def test_the_ack_of_a_commit_is_written_with_its_outcome_and_not_a_turn_later(server: RunningServer) -> None:
    attempt_id = await server.started()
    outbound = Outbound()
    session = CandidateSession(server.node, outbound, attempt_id, "127.0.0.1", "test")
    assert await session.open(pack("hello", protocol=1, token=server.token(), **HELLO))
    while outbound.waiting:
        outbound.take()
    told: list[bool] = []
    outbound.hand_over(told.append)
    told.clear()
    gate = Gate(server.node.journal)
    for n in (1, 2, 3):
        session.feed(pack("answer", **answer(n)))
    gate.open()
    await eventually(lambda: told)
    assert (told, outbound.waiting) == ([True], 1), "one for all that she had sent"
    session.feed(pack("answer", **answer(3)))
    assert told == [True], "she is being fed"
    await eventually(lambda: told == [True, False])
    await session.closed()


# Coming back, and pushes


async def test_who_comes_back_finds_everything(server: RunningServer) -> None:
    attempt_id = await server.started()
    async with await server.sit(attempt_id) as socket:
        await socket.send("answer", **answer(1))
        await socket.send("answer", **answer(2, "word", "Gauß"))
        await socket.send("flag", n=3, question_id="fact", flagged=True, client_at_ms=0)
        await socket.send("progress", n=4, question_index=3, client_at_ms=0)
        await socket.send("answer", **answer(5, value=None))
        await socket.until("ack", n=5)
    body = {"command_id": "m1", "text": "Ten minutes"}
    (await server.call("POST", f"/test-attempts/{attempt_id}/messages", server.instructor, body)).ok()
    async with await server.socket(f"/ws/attempts/{attempt_id}") as again:
        await again.hello(server.token())
        welcome = await again.next()
    assert welcome["last_n"] == 5
    assert [(one["question_id"], one["value"], one["n"]) for one in welcome["answers"]] == [("word", "Gauß", 2)]
    assert (welcome["flagged"], welcome["question_index"]) == (["fact"], 3)
    assert [(one["message_id"], one["text"]) for one in welcome["unseen"]] == [("m1", "Ten minutes")]


async def test_the_newest_connection_wins_and_the_old_one_gets_no_ok(server: RunningServer) -> None:
    attempt_id = await server.started()
    async with await server.sit(attempt_id) as old, await server.sit(attempt_id) as new:
        with contextlib.suppress(ConnectionClosed):
            await old.send("answer", **answer(1))
        rest, code = await old.end()
        assert code == Close.SUPERSEDED
        assert not [message for message in rest if message["t"] == "ack"]
        await new.send("answer", **answer(1, value="c"))
        await new.until("ack", n=1)


async def test_an_old_connection_that_says_nothing_is_closed_too(server: RunningServer) -> None:
    attempt_id = await server.started()
    async with await server.sit(attempt_id) as old, await server.sit(attempt_id):
        rest, code = await old.end()
        assert (code, rest[-1]["code"]) == (Close.SUPERSEDED, Close.SUPERSEDED)


async def test_the_first_connection_wins_where_the_test_says_so(server: RunningServer) -> None:
    await server.make_test("strict", connections="first")
    attempt_id = await server.started(test_id="strict")
    async with await server.sit(attempt_id) as first:
        async with await server.socket(f"/ws/attempts/{attempt_id}") as second:
            await second.hello(server.token())
            assert await second.refusal() == (Code.CONNECTION_EXISTS, Close.CONNECTION_EXISTS)
        await first.send("beat", t0_ms=1)
        await first.until("echo")


async def test_warnings_messages_and_extensions_reach_the_page(server: RunningServer) -> None:
    attempt_id = await server.started()
    async with await server.sit(attempt_id) as socket:
        await server.advance(540_000)
        warning = await socket.until("warning")
        assert warning["left_ms"] == 60_000
        extend = {"command_id": "e1", "add_ms": 300_000}
        (await server.call("POST", f"/test-attempts/{attempt_id}/extend", server.instructor, extend)).ok()
        state = (await socket.until("state"))["state"]
        assert state["clocks"][0]["deadline_ms"] == warning["deadline_ms"] + 300_000
        body = {"command_id": "m1", "text": "Please breathe"}
        (await server.call("POST", f"/test-attempts/{attempt_id}/messages", server.instructor, body)).ok()
        assert (await socket.until("staff_message"))["message_id"] == "m1"
        await server.advance(62_000)
        await socket.send("receipt", n=1, message_id="m1", seen=True, client_at_ms=0)
        await socket.until("ack", n=1)
        await socket.send("answer", **answer(2))
        # The old deadline has passed, and does not count.
        await socket.until("ack", n=2)


async def test_staff_end_and_cancel_and_reopen_in_front_of_the_page(server: RunningServer) -> None:
    attempt_id = await server.started()
    path = f"/test-attempts/{attempt_id}"
    async with await server.sit(attempt_id) as socket:
        (
            await server.call(
                "POST", f"{path}/end", server.instructor, {"reason": "fire alarm", "said": "Leave by the stairs."}
            )
        ).ok()
        collected = (await socket.until("state"))["state"]
        assert (collected["status"], collected["said"]) == ("in_progress", "Leave by the stairs.")
        assert collected["clocks"][0]["closes_at_ms"] == collected["clocks"][0]["deadline_ms"] + 2_000
        await socket.send("answer", **answer(1))
        await socket.until("ack", n=1)
        await server.advance(2_000)
        ended = (await socket.until("state"))["state"]
        assert (ended["status"], ended["ended_as"], ended["said"]) == ("expired", "expired", "Leave by the stairs.")
        assert ended["ended_at_ms"] == collected["clocks"][0]["deadline_ms"]
        body = {"left_ms": 60_000, "reason": "it was a drill"}
        (await server.call("POST", f"{path}/reopen", server.instructor, body)).ok()
        reopened = (await socket.until("state"))["state"]
        while reopened["status"] != "in_progress":
            reopened = (await socket.until("state"))["state"]
        assert reopened["reference"] is None
        (await server.call("POST", f"{path}/cancel", server.instructor, {"reason": "wrong room"})).ok()
        assert (await socket.until("state"))["state"]["status"] == "cancelled"
        await socket.send("answer", **answer(2))
        assert await refused(socket, 2) == Code.CANCELLED


async def test_a_warning_that_was_missed_comes_with_the_welcome_and_over_rest(server: RunningServer) -> None:
    attempt_id = await server.started()
    assert (await _welcome(server, attempt_id))["warning"] is None
    server.pass_time(541_000)
    live = server.node.registry.at_hand(attempt_id)
    assert live is not None
    await live.run(Wake(Actor(Role.SYSTEM, "timer")))
    deadline_ms = live.committed.test_clock.deadline_ms
    missed = {"t": "warning", "left_ms": 60_000, "deadline_ms": deadline_ms, "scope": "test", "of": None}
    assert (await _welcome(server, attempt_id))["warning"] == missed
    reply = await server.call("POST", f"/test-attempts/{attempt_id}/resume", server.token(), server.arrival())
    assert reply.ok()["warning"] == missed


async def _welcome(server: RunningServer, attempt_id: str) -> dict[str, Any]:
    async with await server.socket(f"/ws/attempts/{attempt_id}") as socket:
        await socket.hello(server.token())
        return await socket.next()
