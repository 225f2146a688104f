"""A node as a whole: a sitting from its first word to its result."""

from tests.server.harness.exam import ANSWERS, SCORE_MPT
from tests.server.harness.running import RunningServer


async def test_a_sitting_from_hello_to_result(server: RunningServer) -> None:
    attempt_id = await server.make_attempt()
    async with await server.socket(f"/ws/attempts/{attempt_id}") as socket:
        await socket.hello(server.token())
        welcome = await socket.next()
        assert (welcome["t"], welcome["last_n"], welcome["state"]["status"]) == ("welcome", 0, "initiated")
        await socket.send("start", n=1, client_at_ms=0)
        assert (await socket.until("state"))["state"]["status"] == "in_progress"
        await socket.until("ack", n=1)
        for n, (question_id, value) in enumerate(ANSWERS.items(), 2):
            await socket.send("answer", n=n, question_id=question_id, value=value, client_at_ms=n)
        await socket.until("ack", n=1 + len(ANSWERS))
        await socket.send("submit", n=2 + len(ANSWERS), client_at_ms=9)
        state = (await socket.until("state"))["state"]
        assert state["status"] == "submitted"
        assert state["reference"]
        await socket.until("ack", n=2 + len(ANSWERS))
    await server.reaches(attempt_id, "completed")
    result = (await server.call("GET", f"/test-attempts/{attempt_id}/result", server.token())).ok()
    assert (result["complete"], result["score_mpt"], result["reference"]) == (True, SCORE_MPT, state["reference"])
