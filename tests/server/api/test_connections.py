"""A candidate acts over REST through a connection, under the rule of the socket."""

from typing import Any

import pytest

from protocol.attempt.model import Role
from protocol.codes import Close, Code
from tests.server.conftest import StartServer
from tests.server.harness.running import RunningServer

ANSWER = {"n": 1, "question_id": "word", "value": "Euler", "position": None, "client_at_ms": 0}
ACTS: dict[str, dict[str, Any]] = {
    "start": {},
    "answers": {"answers": [ANSWER]},
    "progress": {"n": 1, "question_index": 1, "client_at_ms": 0},
    "flags": {"n": 1, "question_id": "fact", "flagged": True, "client_at_ms": 0},
    "receipts": {"n": 1, "message_id": "m", "seen": True, "client_at_ms": 0},
    "heartbeat": {"t0_ms": 1},
    "complete": {},
}


async def resume(server: RunningServer, path: str, device: str, connect_n: int, **fields: Any) -> Any:
    body = {"device": device, "connect_n": connect_n, **fields}
    return await server.call("POST", f"{path}/resume", server.token(), body)


async def codes(server: RunningServer, path: str, connection_id: str | None) -> set[str]:
    """What every act is refused with; "" where one is not."""
    found = set()
    for verb, body in ACTS.items():
        named = body if connection_id is None else {"connection_id": connection_id, **body}
        reply = await server.call("POST", f"{path}/{verb}", server.token(), named)
        refused = reply.body["refused"] if verb == "answers" and reply.status == 200 else []
        found.add(refused[0]["code"] if refused else reply.body.get("code", ""))
    return found


async def test_a_candidate_acts_through_a_connection(server: RunningServer) -> None:
    path = f"/test-attempts/{await server.started()}"
    assert await codes(server, path, None) == {Code.MISSING_FIELD}
    assert await codes(server, path, "nobody's") == {Code.SUPERSEDED}
    assert (await resume(server, path, "phone", 1)).ok()["last_n"] == 0
    assert (await server.status(path.rpartition("/")[2]))["status"] == "in_progress", "nothing was done"


async def test_a_service_acts_without_one(server: RunningServer) -> None:
    path = f"/test-attempts/{await server.started()}"
    reply = await server.call("POST", f"{path}/answers", server.service, {"answers": [ANSWER]})
    assert reply.ok()["acked"] == [1]
    (await server.call("POST", f"{path}/complete", server.service, {})).ok()


async def test_a_second_user_of_a_link_is_seen_and_replaces_the_first_one_visibly(server: RunningServer) -> None:
    path = f"/test-attempts/{await server.started()}"
    first = (await resume(server, path, "hers", 1, takeover=True)).ok()["connection_id"]
    assert (await resume(server, path, "another's", 1)).code == Code.CONNECTION_EXISTS, "not by itself"
    second = (await resume(server, path, "another's", 2, takeover=True)).ok()["connection_id"]
    assert await codes(server, path, first) == {Code.SUPERSEDED}
    assert (await resume(server, path, "hers", 2)).code == Code.CONNECTION_EXISTS
    body = {"connection_id": second, "answers": [ANSWER]}
    assert (await server.call("POST", f"{path}/answers", server.token(), body)).ok()["acked"] == [1]
    log = (await server.call("GET", f"{path}/log", server.service)).ok()["entries"]
    connects = [entry["fact"] for entry in log if entry["kind"] == "connected"]
    assert [(fact["device"], fact["connect_n"]) for fact in connects] == [("hers", 1), ("another's", 2)]
    assert {fact["address"] for fact in connects} == {"127.0.0.1"}
    assert all(fact["browser"] for fact in connects)


async def test_a_late_resume_does_not_throw_out_the_socket_of_the_same_page(server: RunningServer) -> None:
    attempt_id = await server.started()
    path = f"/test-attempts/{attempt_id}"
    async with await server.socket(f"/ws/attempts/{attempt_id}") as socket:
        hello = {"protocol": 1, "token": server.token(), "client": "page/1", "oldest_protocol": 1, "capabilities": []}
        await socket.send("hello", **hello, device="page", connect_n=5, takeover=False, seen_seq=None, seen_head=None)
        welcome = await socket.until("welcome")
        for takeover in (False, True):
            assert (await resume(server, path, "page", 4, takeover=takeover)).code == Code.SUPERSEDED
        body = {"connection_id": welcome["connection_id"], "answers": [ANSWER]}
        assert (await server.call("POST", f"{path}/answers", server.token(), body)).ok()["acked"] == [1]
        await socket.send("beat", t0_ms=1)
        await socket.until("echo")
        (await resume(server, path, "page", 6)).ok()
        assert (await socket.end())[1] == Close.SUPERSEDED


async def test_looking_at_an_ended_attempt_leaves_no_record(server: RunningServer) -> None:
    for end in ("end", "cancel"):
        attempt_id = await server.started(user=end)
        path = f"/test-attempts/{attempt_id}"
        token = server.token(user=end)
        (await server.call("POST", f"{path}/{end}", server.instructor, {"reason": "x"})).ok()
        log = f"{path}/log"
        # What is on its way may still come for a while.
        await server.advance(10_000)
        await server.reaches(attempt_id, "completed" if end == "end" else "cancelled")
        before = (await server.call("GET", log, server.service)).ok()["entries"]
        for n in (1, 2):
            body = {"device": "d", "connect_n": n, "takeover": True}
            reply = (await server.call("POST", f"{path}/resume", token, body)).ok()
            assert reply["state"]["ended_as"] in ("expired", "cancelled")
        async with await server.socket(f"/ws/attempts/{attempt_id}") as socket:
            await socket.hello(token)
            await socket.until("welcome")
        assert (await server.call("GET", log, server.service)).ok()["entries"] == before


@pytest.mark.parametrize("policy", ["newest", "first"])
async def test_her_own_device_always_gets_back_in_after_a_lost_link(start_server: StartServer, policy: str) -> None:
    """The client gives up a beat before the server: its old socket is still open here when it comes again."""
    server = await start_server()
    await server.make_test("t2", connections=policy)
    attempt_id = await server.make_attempt(test_id="t2")
    (await server.call("POST", f"/test-attempts/{attempt_id}/start", server.service, {})).ok()
    async with (
        await server.socket(f"/ws/attempts/{attempt_id}") as old,
        await server.socket(f"/ws/attempts/{attempt_id}") as new,
        await server.socket(f"/ws/attempts/{attempt_id}") as other,
    ):
        hello = {
            "protocol": 1,
            "token": server.token(Role.CANDIDATE),
            "client": "page/1",
            "oldest_protocol": 1,
            "capabilities": [],
            "seen_seq": None,
            "seen_head": None,
        }
        await old.send("hello", **hello, device="page", connect_n=1, takeover=True)
        await old.until("welcome")
        await new.send("hello", **hello, device="page", connect_n=2, takeover=False)
        await new.until("welcome")
        assert (await old.end())[1] == Close.SUPERSEDED
        await other.send("hello", **hello, device="other", connect_n=1, takeover=False)
        assert await other.refusal() == (Code.CONNECTION_EXISTS, Close.CONNECTION_EXISTS)
