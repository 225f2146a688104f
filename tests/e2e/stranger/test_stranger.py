"""A client in Node that knows only the document sits exams at a server that dies, over links that are cut."""

import json
import os
import random
from collections import Counter
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Final

import pytest

from protocol.content import Rules, TestContent
from tests.e2e.deployment import Deployment, ServerNode
from tests.e2e.exams import Seat, in_sections, seat, short_texts
from tests.e2e.proxy import Proxy
from tests.services.patience import PATIENCE_S, SCENARIO_S
from tests.services.processes import ChildProcess, Processes
from tests.services.server import find_binary

Json = dict[str, Any]

SEED: Final = int(os.environ.get("STRANGER_SEED", "20261126"))
QUESTIONS: Final = 12
MAIN: Final = Path(__file__).with_name("main.mjs")
FACT_OF: Final = {
    "start": "started",
    "answer": "answered",
    "flag": "flagged",
    "progress": "moved",
    "enter": "section_entered",
    "submit": "submitted",
}
"""Each kind of operation, and the fact that it becomes."""


class Stranger:
    """The Node process of one scenario."""

    def __init__(self, processes: Processes, folder: Path, scenario: str, plan: Json) -> None:
        self._report = folder / f"{scenario}-report.json"
        plan_file = folder / f"{scenario}-plan.json"
        plan_file.write_text(json.dumps({"scenario": scenario, "questions": QUESTIONS, **plan}))
        self.process: ChildProcess = processes.start(
            [find_binary("node"), MAIN, plan_file, self._report], name=scenario
        )

    async def report(self, *, timeout: float = PATIENCE_S) -> Any:
        """What it saw, once it has ended by itself."""
        status = await self.process.exit(timeout=timeout)
        assert status == 0, self.process.output
        return json.loads(self._report.read_text())


def dealt(seats: list[Seat], url: str) -> list[Json]:
    """Seats as the plan names them."""
    return [{"url": url, "attempt_id": one.attempt_id, "token": one.token} for one in seats]


def operations_in(log: Json) -> list[Json]:
    """The facts of a log that have a client's number."""
    return [fact for fact in log["facts"] if fact["t"] in FACT_OF.values() and fact["n"] is not None]


def answers_in(log: Json) -> list[str]:
    return [fact["value"] for fact in log["facts"] if fact["t"] == "answered"]


def check_sitting(sitting: Json, log: Json) -> None:
    """Everything that was acknowledged is in the log exactly once, as it was sent, and the attempt was handed in."""
    facts = operations_in(log)
    numbers = Counter(fact["n"] for fact in facts)
    assert max(numbers.values()) == 1, "a number was recorded twice"
    by_number = {fact["n"]: fact for fact in facts}
    for acked in sitting["acked"]:
        if acked["kind"] == "start" and acked["n"] not in by_number:
            continue  # over REST a start has no number
        fact = by_number[acked["n"]]
        assert fact["t"] == FACT_OF[acked["kind"]]
        # What she typed as the code of the room is kept nowhere.
        fields = {name: value for name, value in acked["fields"].items() if name != "access_code"}
        assert {name: fact[name] for name in fields} == fields
    values = answers_in(log)
    assert len(values) == len(set(values)), "an answer was recorded twice"
    assert [fact["t"] for fact in log["facts"]].count("started") == 1
    assert [fact["t"] for fact in log["facts"]].count("submitted") == 1
    last = {fact["question_id"]: fact["value"] for fact in log["facts"] if fact["t"] == "answered"}
    assert last == sitting["last"], "what counts is what was sent last"


async def sit_in_a_storm(
    deployment: Deployment,
    processes: Processes,
    folder: Path,
    *,
    candidates: int,
    operations: int,
    kills: int,
    patience_s: float = SCENARIO_S,
) -> None:
    chance = random.Random(SEED)
    print(f"seed {SEED}")  # noqa: T201 (pytest shows it on failure, and with -s)
    node = deployment.node(heartbeat_ms="1000")
    await node.start()
    async with AsyncExitStack() as stack:

        def lifetime() -> int:
            return chance.randrange(2_000, 12_000)

        link = await stack.enter_async_context(Proxy(node.port, lifetime=lifetime))
        filtered = await stack.enter_async_context(Proxy(node.port, upgrades=False, lifetime=lifetime))
        service = await stack.enter_async_context(deployment.service(node))
        await service.put_test("exam", short_texts(QUESTIONS))
        seats = [await seat(service, "exam", f"user-{number}") for number in range(candidates)]
        behind_a_filter = candidates // 5
        total = candidates * operations
        plan = {
            "seed": SEED,
            "url": node.url,
            "service_token": deployment.token("service", "platform"),
            "seats": dealt(seats[behind_a_filter:], link.url) + dealt(seats[:behind_a_filter], filtered.url),
            "operations": operations,
            "pause_ms": 25,
            "impatience": 0.2,
            "milestones": sorted(chance.sample(range(total // 10, total * 8 // 10), kills)),
        }
        stranger = Stranger(processes, folder, "room", plan)
        for number in range(kills):
            await stranger.process.line(rf"MILESTONE {number + 1}\b", timeout=patience_s)
            if number % 2:
                link.silence()
            await node.kill()
            await node.start()
        report = await stranger.report(timeout=patience_s)

        sittings, logs = report["sittings"], report["logs"]
        for sitting, log in zip(sittings, logs, strict=True):
            check_sitting(sitting, log)
            state = sitting["state"]
            assert (state["status"], state["ended_as"]) in (("submitted", "submitted"), ("completed", "submitted"))
            assert state["reference"] == log["reference"]
            # By the server's own reading, past the log: the answers that count.
            stored = {one.question_id: one.value for one in (await service.answers(log["attempt_id"])).answers}
            assert stored == sitting["last"]
        acked = sum(len(sitting["acked"]) for sitting in sittings)
        figures = {
            "candidates": candidates,
            "operations acknowledged": acked,
            "kills": kills,
            "connections cut": link.cuts + filtered.cuts,
            "upgrades refused": filtered.refused,
            "connects": sum(sitting["connects"] for sitting in sittings),
            "refusals": sum(sitting["refusals"] for sitting in sittings),
            "new numbers": sum(sitting["renumbered"] for sitting in sittings),
        }
        print(", ".join(f"{value:,} {name}" for name, value in figures.items()))  # noqa: T201
        assert link.cuts >= candidates // 2, "there was a storm"
        assert all(sitting["resumes"] > 0 for sitting in sittings[-behind_a_filter:])
    verdict = await deployment.run("verify-log")
    assert f"{candidates}" in verdict


async def test_a_room_survives_kills_and_cuts(embedded: Deployment, processes: Processes, tmp_path: Path) -> None:
    await sit_in_a_storm(embedded, processes, tmp_path, candidates=50, operations=60, kills=2)


@pytest.mark.long
@pytest.mark.timeout(600)
async def test_a_room_survives_a_long_storm(deployment: Deployment, processes: Processes, tmp_path: Path) -> None:
    await sit_in_a_storm(deployment, processes, tmp_path, candidates=50, operations=400, kills=8, patience_s=500)


class Hall:
    """A running server, and a seat for the one candidate of each scenario."""

    def __init__(self, deployment: Deployment, node: ServerNode, processes: Processes, folder: Path) -> None:
        self._deployment = deployment
        self._node = node
        self._processes = processes
        self._folder = folder

    async def play(self, scenario: str, *, operations: int = 0, content: TestContent | None = None) -> Any:
        test_id = "exam" if content is None else scenario
        async with self._deployment.service(self._node) as service:
            await service.put_test(test_id, content or short_texts(QUESTIONS, Rules(grace_ms=0)))
            seats = dealt([await seat(service, test_id, scenario)], self._node.url)
        token = self._deployment.token("service", "platform")
        plan = {"url": self._node.url, "service_token": token, "seats": seats, "operations": operations}
        return await Stranger(self._processes, self._folder, scenario, plan).report()


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    folder = tmp_path_factory.mktemp("hall")
    with Processes() as processes:
        deployment = Deployment(processes, folder)
        node = deployment.node(rate_per_second="200")
        node.launch().wait_for_line("Serving at", timeout=PATIENCE_S)
        yield Hall(deployment, node, processes, folder)


async def test_the_verifier_finds_what_was_changed_removed_or_taken_from_elsewhere(hall: Hall) -> None:
    seen = await hall.play("tampered")
    assert seen["whole"] is None
    assert ["record 3" in fault for fault in seen["turned"]] == [True] * 3
    assert "record 2" in seen["removed"]
    assert "record 1" in seen["foreign"]


async def test_500_refusals_in_a_row_shut_nobody_out(hall: Hall) -> None:
    seen = await hall.play("refusals", operations=500)
    assert seen["outcomes"] == {"answer": "acked", "submission": "ended", "wrong": {"unknown_question": 500}}
    assert (seen["welcomes"], seen["lost"]) == (1, 0), "one connection carried it all"
    assert answers_in(seen["log"]) == ["after all"]


@pytest.mark.long
async def test_500_kept_answers_are_sent_and_sent_again(hall: Hall) -> None:
    seen = await hall.play("kept", operations=500)
    assert answers_in(seen["before"]) == seen["values"], "each once, in their order"
    assert seen["numbers"][0] == seen["numbers"][1]
    assert set(seen["outcomes"]) == {"acked"}
    assert answers_in(seen["log"]) == seen["values"], "nothing was recorded twice"
    assert seen["lost"] == 1, "no connection ended but by the client's wish"


async def test_what_is_refused_for_now_waits_and_is_saved_in_order(hall: Hall) -> None:
    seen = await hall.play("paused", operations=100)
    assert set(seen["outcomes"]) == {"acked"}
    assert seen["refusals"] >= 64, "a whole window was refused"
    assert answers_in(seen["log"]) == seen["values"], "each once, in their order"


async def test_sections_are_sat_one_after_the_other(hall: Hall) -> None:
    seen = await hall.play("sections", content=in_sections([None, 600_000, None]))
    acked, closed = "acked", "section_closed"
    assert seen["outcomes"] == [acked, acked, acked, closed, acked, closed, acked, acked, "ended"]
    assert answers_in(seen["log"]) == ["in the first", "in the second", "in the third"]
    entered = [fact["section_id"] for fact in seen["log"]["facts"] if fact["t"] == "section_entered"]
    assert entered == ["s2", "s3"]


async def test_another_device_takes_over_by_a_persons_act_alone(hall: Hall) -> None:
    seen = await hall.play("devices")
    assert seen["uninvited"] == 4506
    assert seen["undisturbed"] == "acked"
    assert seen["replaced"] == 4503
    assert seen["fromPhone"] == "acked"
    assert seen["byItself"] == 4506
    assert seen["phoneReplaced"] == 4503
    assert (seen["keptOnes"], seen["later"]) == ("acked", "acked")
    assert [answer["value"] for answer in seen["answersOnReturn"]] == ["phone"]
    assert answers_in(seen["log"]) == ["laptop, undisturbed", "phone", "laptop, kept", "laptop, in again"]


async def test_a_hello_that_arrives_late_replaces_nothing(hall: Hall) -> None:
    seen = await hall.play("lateHello")
    assert seen["code"] == 4503
    assert seen["goesOn"] == "acked"
    assert (seen["welcomes"], seen["lost"], seen["final"]) == (1, 0, None)
    assert answers_in(seen["log"]) == ["still here"]
