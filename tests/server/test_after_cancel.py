"""What a candidate's page can still do when her attempt has been cancelled: by the socket that was open, over REST with
the connection that was in force, with addresses and numbers that were right a moment before."""

from typing import Any

import pytest

from protocol.attempt.model import Attempt
from protocol.codes import Code
from tests.server.harness.running import RunningServer
from tests.server.test_sections import make

ACTS: dict[str, tuple[str, dict[str, Any]]] = {
    "start": ("POST start", {"access_code": None}),
    "answer": ("POST answers", {"question_id": "single", "value": "b", "position": None}),
    "flag": ("PUT flags", {"question_id": "single", "flagged": True}),
    "progress": ("PUT progress", {"question_index": 1}),
    "enter": ("PUT section", {"section_id": "facts"}),
    "raise_hand": ("PUT hand", {"raised": True}),
    "submit": ("POST complete", {}),
}
"""What she does, with its address over REST and its fields; all of it would be done before. Who hands in what has ended
is told how it has ended, and nothing is done."""


async def cancelled(server: RunningServer) -> str:
    """An attempt that has started, in a test of sections, and is to be cancelled."""
    await make(server)
    return await server.started()


async def cancel(server: RunningServer, attempt_id: str) -> None:
    path = f"/test-attempts/{attempt_id}/cancel"
    (await server.call("POST", path, server.instructor, {"reason": "the wrong row"})).ok()


async def newest(server: RunningServer, attempt_id: str) -> Attempt:
    live = await server.node.registry.get(attempt_id)
    assert live is not None
    return await live.newest()


def over_rest(tag: str, n: int, connection_id: str | None) -> tuple[str, str, dict[str, Any]]:
    """Method, last part of the address and body of an act."""
    (address, fields), said = ACTS[tag], {"client_at_ms": 0}
    method, name = address.split(" ")
    who = {} if connection_id is None else {"connection_id": connection_id}
    if tag == "answer":
        return method, name, {**who, "answers": [{"n": n, **said, **fields}]}
    return method, name, {**who, **said, **fields, **({} if tag == "start" else {"n": n})}


def code_of(reply: Any) -> str:
    """Why a call did nothing: the call is refused, or what was in it; or its reply says how the attempt has ended."""
    if reply.status != 200:
        return str(reply.code)
    assert reply.body["acked"] == []
    if not reply.body["refused"]:
        return str(reply.body["state"]["status"])
    (refused,) = reply.body["refused"]
    return str(refused["code"])


@pytest.mark.parametrize("tag", [tag for tag in ACTS if tag != "start"])
async def test_all_of_this_is_done_before(server: RunningServer, tag: str) -> None:
    """The same messages and calls, to an attempt that is valid: so what refuses them below is the cancelling."""
    attempt_id = await cancelled(server)
    async with await server.sit(attempt_id) as socket:
        await socket.send(tag, n=1, client_at_ms=0, **ACTS[tag][1])
        while (message := await socket.next())["t"] not in ("ack", "state"):
            assert message["t"] != "refused", message
    again = await server.make_attempt("bob")
    (await server.call("POST", f"/test-attempts/{again}/start", server.service, {})).ok()
    arrived = (
        await server.call("POST", f"/test-attempts/{again}/resume", server.token(user="bob"), server.arrival())
    ).ok()
    method, name, body = over_rest(tag, 1, arrived["connection_id"])
    reply = (await server.call(method, f"/test-attempts/{again}/{name}", server.token(user="bob"), body)).ok()
    assert reply.get("refused", []) == []


async def test_the_socket_that_was_open_does_nothing_any_more(server: RunningServer) -> None:
    attempt_id = await cancelled(server)
    async with await server.sit(attempt_id) as socket:
        await cancel(server, attempt_id)
        assert (await socket.until("state"))["state"]["status"] == "cancelled"
        before = await newest(server, attempt_id)
        for n, (tag, (_, fields)) in enumerate(ACTS.items(), 1):
            await socket.send(tag, n=n, client_at_ms=0, **fields)
            if tag == "submit":
                assert (await socket.until("state"))["state"]["status"] == "cancelled"
            else:
                assert (await socket.until("refused", n=n))["code"] == Code.CANCELLED, tag
        assert await newest(server, attempt_id) == before
        assert not [one for one in socket.skipped if one["t"] in ("paper", "ack")]


@pytest.mark.parametrize("connection", ["the one in force", "of another person", "none"])
async def test_calls_with_the_connection_that_was_in_force_do_nothing_any_more(
    server: RunningServer, connection: str
) -> None:
    attempt_id = await cancelled(server)
    path = f"/test-attempts/{attempt_id}"
    arrived = (await server.call("POST", f"{path}/resume", server.token(), server.arrival())).ok()
    await cancel(server, attempt_id)
    before = await newest(server, attempt_id)
    connection_id = {"the one in force": arrived["connection_id"], "of another person": "another", "none": None}[
        connection
    ]
    expected = {
        "the one in force": {Code.CANCELLED},
        # Whose the connection is, is asked first or last: nothing is done in either case.
        "of another person": {Code.CANCELLED, Code.SUPERSEDED},
        "none": {Code.MISSING_FIELD},
    }[connection]
    for n, tag in enumerate(ACTS, 1):
        method, name, body = over_rest(tag, n, connection_id)
        reply = await server.call(method, f"{path}/{name}", server.token(), body)
        assert code_of(reply) in expected, (tag, reply.body)
    assert await newest(server, attempt_id) == before
    paper = await server.call("GET", f"{path}/paper", server.token())
    assert paper.code == Code.CANCELLED
    assert (await server.call("GET", f"{path}/status", server.token())).ok()["state"]["status"] == "cancelled"


async def test_a_message_that_came_before_can_still_be_read(server: RunningServer) -> None:
    """That she has read it is no act on the attempt, and is noted whenever it is told."""
    attempt_id = await cancelled(server)
    path = f"/test-attempts/{attempt_id}"
    async with await server.sit(attempt_id) as socket:
        (await server.call("POST", f"{path}/messages", server.instructor, {"text": "Come to my desk."})).ok()
        message_id = (await socket.until("staff_message"))["message_id"]
        await cancel(server, attempt_id)
        await socket.until("state")
        await socket.send("receipt", n=1, message_id=message_id, seen=True, client_at_ms=0)
        await socket.until("ack", n=1)
    attempt = await newest(server, attempt_id)
    assert (attempt.status.value, [one.seen for one in attempt.messages]) == ("cancelled", [True])


async def test_the_same_connection_goes_on_when_the_attempt_is_valid_again(server: RunningServer) -> None:
    attempt_id = await cancelled(server)
    path = f"/test-attempts/{attempt_id}"
    async with await server.sit(attempt_id) as socket:
        await cancel(server, attempt_id)
        await socket.send("flag", n=1, client_at_ms=0, question_id="single", flagged=True)
        assert (await socket.until("refused", n=1))["code"] == Code.CANCELLED
        body = {"reason": "it was the row below", "on_return": True}
        (await server.call("POST", f"{path}/reinstate", server.instructor, body)).ok()
        while (await socket.until("state"))["state"]["status"] != "in_progress":
            pass
        await socket.send("flag", n=2, client_at_ms=0, question_id="single", flagged=True)
        await socket.until("ack", n=2)
    assert (await newest(server, attempt_id)).flagged == ("single",)
