from io import StringIO

from rich.console import Console

from clients.python.rest import Rest
from loadtest.simulate import Crowd, simulate
from loadtest.spawn import Server
from loadtest.tokens import mint
from protocol.content import TestContent
from tests.loadtest.test_guess import QUESTIONS


async def test_simulated_candidates_sit_any_test_and_hand_in() -> None:
    questions = [
        type(question)(
            **{name: getattr(question, name) for name in question.__struct_fields__} | {"question_id": f"q{n}"}
        )
        for n, question in enumerate(QUESTIONS)
    ]
    async with Server(None, None) as server:
        token = mint(server.secret, "service", "platform", "school")
        async with Rest.open(server.url, token) as rest:
            await rest.put_test("any", TestContent(title="Any", questions=questions))
            crowd = Crowd(url=server.url, token=token, test_id="any", candidates=6, minutes=0.02, seed=3)
            await simulate(crowd, Console(file=StringIO()))
            rows = (await rest.attempts("any")).attempts
    assert len(rows) == 6
    assert all(row.status in ("submitted", "completed") for row in rows)
    assert sum(row.answered for row in rows) > 20
    assert len({row.name for row in rows}) > 3
