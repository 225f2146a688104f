"""Answers to an essay with formatting, over a socket and over REST."""

from typing import Any

from protocol.codes import Close, Code
from protocol.rich.grammar import MAX_NESTING
from tests.server.harness.exam import TEST, asked, exam
from tests.server.harness.running import RunningServer
from tests.server.sockets.test_candidate import answer, refused

HOSTILE = [
    "<script>alert(1)</script>",
    "<p><img src=x onerror=alert(1)></p>",
    '<p style="color:red">a</p>',
    "<p><a href='javascript:alert(1)'>a</a></p>",
    "<blockquote>" * 1_000,
    "<ul><li><p>a</p>" * (MAX_NESTING + 1) + "</li></ul>" * (MAX_NESTING + 1),
    "<p>a",
    "<p><em>a</p></em>",
    "<p>&#60;script&#62;</p>",
    "<p>&nbsp;</p>",
    "<p>a\x00\x1b[2J</p>",
    "<p>\u202eevil</p>",
    "<!--><p>a</p>-->",
    "<p>a</p>\n",
    "plain",
]
RIGHT = "<h2>Why</h2><p>Ships <strong>float</strong> &amp; <em>sink</em>.</p><ul><li><p>x</p></li></ul>"


async def _started(server: RunningServer) -> str:
    body = exam()
    body["questions"].append(asked("essay", "Why?", "essay", format="rich", max_chars=100))
    (await server.call("PUT", f"/tests/{TEST}", server.service, body)).ok()
    return await server.started()


async def _answers(server: RunningServer, attempt_id: str) -> Any:
    return (await server.call("GET", f"/test-attempts/{attempt_id}/answers", server.token())).ok()["answers"]


async def test_whatever_is_no_rich_text_is_refused_by_name_and_changes_nothing(server: RunningServer) -> None:
    attempt_id = await _started(server)
    async with await server.sit(attempt_id) as socket:
        await socket.send("answer", **answer(1, "essay", RIGHT))
        await socket.until("ack", n=1)
        before = await _answers(server, attempt_id)
        assert [one["value"] for one in before] == [RIGHT]
        for n, hostile in enumerate(HOSTILE, 2):
            await socket.send("answer", **answer(n, "essay", hostile))
            assert await refused(socket, n) == Code.WRONG_MARKUP, hostile
        await socket.send("answer", **answer(90, "essay", f"<p>{'x' * 101}</p>"))
        assert await refused(socket, 90) == Code.ANSWER_TOO_LONG
        await socket.send("answer", **answer(91, "essay", ["<p>a</p>"]))
        assert await refused(socket, 91) == Code.WRONG_ANSWER_TYPE
        await socket.send("answer", **answer(92, "essay", f"<p>{'<br>' * 4_000}</p>"))
        assert await refused(socket, 92) == Code.ANSWER_TOO_LONG
        assert await _answers(server, attempt_id) == before
        await socket.send("answer", **answer(93, "essay", "<p>" * 350_000))
        assert (await socket.end())[1] == Close.TOO_LARGE
    assert await _answers(server, attempt_id) == before


async def test_the_same_over_rest(server: RunningServer) -> None:
    attempt_id = await _started(server)
    path, body = f"/test-attempts/{attempt_id}/answers", answer(1, "essay", HOSTILE[0])
    refusal = await server.act("POST", path, server.token(), {"answers": [body]})
    (refused_op,) = refusal.ok()["refused"]
    assert refused_op["code"] == Code.WRONG_MARKUP
    assert "an element that rich text doesn't have" in refused_op["detail"]
    assert await _answers(server, attempt_id) == []
