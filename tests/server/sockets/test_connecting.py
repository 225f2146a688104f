"""Who connects to an attempt that has ended, and what `welcome` says of the log."""

from protocol.codes import Close, Code
from tests.server.harness.running import RunningServer


async def test_whoever_looks_at_an_ended_attempt_comes_back_when_it_is_reopened(server: RunningServer) -> None:
    attempt_id = await server.started()
    path = f"/test-attempts/{attempt_id}"
    (await server.call("POST", f"{path}/end", server.instructor, {"reason": "x"})).ok()
    # What is on its way may still come for a while.
    await server.advance(10_000)
    await server.reaches(attempt_id, "completed")
    async with await server.sit(attempt_id) as socket:
        await socket.send("answer", n=1, question_id="word", value="Euler", position=None, client_at_ms=0)
        assert (await socket.until("refused"))["code"] == Code.DEADLINE_PASSED
        body = {"left_ms": 60_000, "reason": "by mistake"}
        (await server.call("POST", f"{path}/reopen", server.instructor, body)).ok()
        goodbye = await socket.until("goodbye")
        assert (goodbye["code"], goodbye["after_ms"]) == (Close.TRY_AGAIN, 0)
    async with await server.sit(attempt_id) as socket:
        await socket.send("answer", n=1, question_id="word", value="Euler", position=None, client_at_ms=0)
        await socket.until("ack", n=1)


async def test_the_welcome_says_whose_attempt_it_is_and_which_log_it_tells_of(server: RunningServer) -> None:
    attempt_id = await server.started(display_name="Ada Lovelace")
    async with await server.socket(f"/ws/attempts/{attempt_id}") as socket:
        await socket.hello(server.token())
        welcome = await socket.until("welcome")
        log = (await server.call("GET", f"/test-attempts/{attempt_id}/log", server.service)).ok()["entries"]
    assert welcome["candidate_name"] == "Ada Lovelace"
    assert (welcome["state"]["head"], welcome["state"]["seq"]) == (log[-1]["hash"], log[-1]["seq"])
    assert welcome["lost_records"] == 0
