"""Odd answers to every interaction, over a live socket: each is kept or refused by name, the next one is heard, and
what was kept is marked. `tests/protocol/test_hostile_answers.py` draws many more, without a server."""

from typing import Any, Final

import msgspec

from protocol import limits
from protocol.codes import Code
from protocol.content import Question, Rules, TestContent
from protocol.marking.question import lowest_mark
from tests.protocol.marking.test_best import ASKED, PICTURE
from tests.server.harness.exam import ORG, TEST
from tests.server.harness.running import RunningServer
from tests.server.media.files import png

_ODD: Final[list[Any]] = [
    *("", "b", "\x00", "NaN", "-0", "٣", "Infinity", "9" * 64, "\u202e"),
    *([], ["a", "a"], ["b", "z"], ["c", "a", "b"], ["NaN NaN"], [["a", "b"]], [["a", "a"], ["a", "z"]]),
    *({}, {"answer": "a"}, {"z": ["a"]}),
]
_REFUSED: Final = {
    Code.WRONG_ANSWER_TYPE, Code.UNKNOWN_OPTION, Code.TOO_MANY_CHOICES, Code.ANSWER_TOO_LONG, Code.UNKNOWN_PART,
    Code.OUT_OF_RANGE, Code.WRONG_TYPE,
}  # fmt: skip


async def test_odd_answers_are_kept_or_refused_and_marked(server: RunningServer) -> None:
    questions = [Question(question_id=f"q{at}", body="?", interactions=[asked]) for at, asked in enumerate(ASKED)]
    content = TestContent(title="Odd", questions=questions, rules=Rules(duration_ms=3_600_000))
    stored = (await server.call("POST", "/media", server.service, raw=png())).ok()
    with_file = msgspec.json.encode(content).replace(PICTURE.src.encode(), f"media:{stored['hash']}".encode())
    content = msgspec.json.decode(with_file, type=TestContent)
    await server.node.tests.put(ORG, TEST, content, server.clock.now_ms())
    attempt_id = await server.started()
    sent = [(question.question_id, value) for value in _ODD for question in questions]
    said: set[str] = set()
    async with await server.sit(attempt_id) as socket:
        n = 0
        for first in range(0, len(sent), limits.SEND_WINDOW - 1):
            for question_id, value in sent[first : first + limits.SEND_WINDOW - 1]:
                n += 1
                await socket.send("answer", n=n, question_id=question_id, value=value, client_at_ms=1)
            n += 1
            await socket.send("progress", n=n, question_index=0, client_at_ms=1)
            while (message := await socket.next())["t"] != "ack" or message["n"] < n:
                if message["t"] == "refused":
                    said.add(str(message["code"]))
            server.pass_time(2_000)
        await socket.send("submit", n=n + 1, client_at_ms=1)
        await socket.until("ack", n=n + 1)
    assert said <= _REFUSED
    assert {Code.WRONG_ANSWER_TYPE, Code.UNKNOWN_OPTION} <= said
    await server.reaches(attempt_id, "completed")
    result = (await server.call("GET", f"/test-attempts/{attempt_id}/result", server.service)).ok()
    for mark, question in zip(result["marks"], questions, strict=True):
        assert lowest_mark(question) <= mark["score_mpt"] <= question.points_mpt
