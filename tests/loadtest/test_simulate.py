import asyncio
from io import StringIO

import pytest
from rich.console import Console
from typer.testing import CliRunner

from clients.python.rest import Rest
from loadtest import __main__ as command_line
from loadtest.simulate import Crowd, simulate
from loadtest.spawn import Server
from loadtest.tokens import mint
from protocol.content import Rules, TestContent
from protocol.integrity.captures import Capture
from tests.loadtest.test_guess import QUESTIONS


async def test_simulated_candidates_sit_any_test_and_hand_in() -> None:
    questions = [
        type(question)(
            **{name: getattr(question, name) for name in question.__struct_fields__} | {"question_id": f"q{n}"}
        )
        for n, question in enumerate(QUESTIONS)
        # A picture would have to be stored first.
        if not any("picture" in asked.__struct_fields__ for asked in question.interactions)
    ]
    async with Server(None, None) as server:
        token = mint(server.secret, "service", "platform", "school")
        async with Rest.open(server.url, token) as rest:
            # Nobody begins without having agreed to pictures.
            rules = Rules(captures=[Capture("camera", "required", 10_000, 1), Capture("screen", "if_able", 10_000, 1)])
            await rest.put_test("any", TestContent(title="Any", questions=questions, rules=rules))
            crowd = Crowd(url=server.url, token=token, test_id="any", candidates=6, minutes=0.02, seed=3)
            assert await simulate(crowd, Console(file=StringIO())) == {}
            rows = (await rest.attempts("any")).attempts
    assert len(rows) == 6
    assert all(row.status in ("submitted", "completed") for row in rows)
    assert sum(row.answered for row in rows) > 20
    assert len({row.name for row in rows}) > 3


async def test_whoever_does_not_hand_in_is_named() -> None:
    async with Server(None, None) as server:
        token = mint(server.secret, "service", "platform", "school")
        async with Rest.open(server.url, token) as rest:
            await rest.put_test("any", TestContent(title="Any", questions=[QUESTIONS[0]]))
            crowd = Crowd(url=server.url, token=token, test_id="any", candidates=2, minutes=0.04, seed=1)
            running = asyncio.create_task(simulate(crowd, Console(file=StringIO())))
            while not (rows := (await rest.attempts("any")).attempts):  # noqa: ASYNC110
                await asyncio.sleep(0.05)
            await rest.cancel(rows[0].attempt_id, reason="wrong candidate")
            lost = await running
    assert set(lost) == {rows[0].user_id}
    assert "cancelled" in lost[rows[0].user_id]


def test_the_command_fails_and_says_who(monkeypatch: pytest.MonkeyPatch) -> None:
    async def lose_one(crowd: Crowd, console: Console) -> dict[str, str]:
        return {"sim-7": "Refused: cancelled"}

    monkeypatch.setattr(command_line, "simulate", lose_one)
    words = ["simulate", "--url", "http://localhost", "--test", "any", "--token", "x", "--candidates", "3"]
    result = CliRunner().invoke(command_line.app, words)
    assert result.exit_code == 1
    assert "sim-7 did not hand in: Refused: cancelled" in result.output
    assert "1 of 3 candidates did not hand in." in result.output
