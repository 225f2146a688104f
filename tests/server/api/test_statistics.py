"""Statistics of a test over REST: a small one by hand, and a whole exam day against its own record."""

import asyncio
import csv
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal, localcontext
from io import StringIO
from typing import Any, Final

import pytest

from loadtest.exam import POINT_MPT, make_test
from loadtest.trace import Candidate, Item, Response, Trace, read_trace
from protocol import limits
from protocol.attempt.commands import AnyCommand, Begin, HandIn, Operate
from protocol.attempt.model import Actor, Role, Status
from protocol.codes import Code
from protocol.errors import Refusal
from protocol.messages.operations import Answer
from protocol.rest.attempts import NewAttempt
from server.admission import admit
from server.attempts.pending import Done
from storage.statistics import Selection
from tests.server.harness.exam import ANSWERS, ORG, SCORE_MPT, TEST
from tests.server.harness.running import RunningServer
from tests.services.patience import PATIENCE_S
from tests.shared import SHARED

REAL: Final = SHARED / "data" / "credentialing_exam"
PATH: Final = f"/tests/{TEST}/statistics"
_AT_ONCE: Final = 20


async def sat(server: RunningServer, user_id: str, answers: dict[str, Any], **wanted: Any) -> str:
    attempt_id = await server.started(user_id, **wanted)
    path = f"/test-attempts/{attempt_id}"
    body = [{"n": n, "question_id": q, "value": v, "client_at_ms": 0} for n, (q, v) in enumerate(answers.items(), 1)]
    if body:
        (await server.call("POST", f"{path}/answers", server.service, {"answers": body})).ok()
    (await server.call("POST", f"{path}/complete", server.service, {})).ok()
    await server.reaches(attempt_id, "submitted" if "essay" in answers else "completed")
    return attempt_id


async def figures(server: RunningServer, query: str = "") -> Any:
    return (await server.call("GET", PATH + query, server.instructor)).ok()


async def test_what_is_counted_and_what_is_left_out(either_server: RunningServer) -> None:
    server = either_server
    await server.make_test(essay=True, max_attempts=None)
    await sat(server, "ada", ANSWERS)
    await sat(server, "ada", {})
    await sat(server, "bob", {"single": "a", "multiple": ["a", "c"], "number": "  "})
    await sat(server, "cleo", {"essay": "Because."})
    sits, void = await server.started("dora"), await server.started("eve")
    (await server.call("POST", f"/test-attempts/{void}/cancel", server.instructor, {"reason": "ill"})).ok()
    found = await figures(server)
    assert found["attempts"] == 2
    nobody = {"abandoned": 0, "absent": 0, "erased": 0}
    assert found["left_out"] == {"open": 1, "unmarked": 1, "cancelled": 1, "later": 1} | nobody
    assert (found["mean_mpt"], found["highest_mpt"], found["lowest_mpt"]) == (5_000, SCORE_MPT, 3_000)
    single, multiple, fact, number, word, essay = found["questions"]
    assert (single["attempts"], single["blank"], single["difficulty_ppm"]) == (2, 0, 500_000)
    assert [(one["option_id"], one["chosen"], one["correct"]) for one in single["options"]] == [
        ("a", 1, False),
        ("b", 1, True),
        ("c", 0, False),
    ]
    assert [one["chosen"] for one in multiple["options"]] == [2, 0, 2, 0]
    assert {one["reason"] for one in multiple["undefined"]} == {"no_variance"}
    assert [(one["blank"], one["difficulty_ppm"]) for one in (fact, number, word)] == [(1, 500_000)] * 3
    assert (essay["blank"], essay["difficulty_ppm"], essay["options"]) == (2, 0, [])
    assert await figures(server, "?version=2") == found | {"test_version": 2}
    nothing = await figures(server, "?version=1")
    assert (nothing["attempts"], nothing["mean_mpt"], nothing["left_out"]["open"]) == (0, None, 0)
    assert sits != void


async def test_a_table_for_spreadsheets(server: RunningServer) -> None:
    await sat(server, "ada", ANSWERS)
    await sat(server, "bob", {})
    reply = await server.call("GET", f"{PATH}.csv", server.instructor)
    assert reply.headers["content-type"] == "text/csv; charset=utf-8"
    lines = list(csv.DictReader(StringIO(reply.raw.decode("utf-8-sig"))))
    by_name = {line["row"]: line for line in lines}
    assert by_name["mean"]["difficulty_or_share"] == "3.500"
    assert by_name["alpha"]["difficulty_or_share"] == "0.918367"
    questions = [line for line in lines if line["row"] == "question"]
    assert [line["question"] for line in questions] == list(ANSWERS)
    assert (questions[0]["difficulty_or_share"], questions[0]["blank_or_chosen"]) == ("0.500000", "1")
    assert "typed" not in by_name, "one alone typed it"


async def test_what_several_have_typed_is_no_formula_of_a_spreadsheet(server: RunningServer) -> None:
    for at in range(limits.MIN_TYPED_ALIKE):
        await sat(server, f"user-{at}", {"word": "=1+1"})
    reply = await server.call("GET", f"{PATH}.csv", server.instructor)
    lines = list(csv.DictReader(StringIO(reply.raw.decode("utf-8-sig"))))
    (typed,) = [line for line in lines if line["row"] == "typed"]
    assert (typed["question"], typed["text"], typed["blank_or_chosen"]) == ("word", "'=1+1", "5")


async def test_who_may_read_statistics_and_of_whom(server: RunningServer) -> None:
    await sat(server, "ada", ANSWERS)
    for token, code in (
        (server.token(Role.MARKER, "mia"), Code.FORBIDDEN),
        (server.token(), Code.FORBIDDEN),
        (server.token(Role.INSTRUCTOR, "grace", org="elsewhere"), Code.NOT_FOUND),
    ):
        assert (await server.call("GET", PATH, token)).code == code
    south = server.token(Role.INSTRUCTOR, "grace", branches=["south"])
    assert (await server.call("GET", PATH, south)).ok()["attempts"] == 0


# The exam day


@pytest.mark.long
async def test_the_exam_day_has_the_figures_of_its_record(server: RunningServer) -> None:
    if not REAL.is_dir():
        pytest.skip("the recorded exam day is not on this machine")
    trace = read_trace(REAL)
    await server.node.tests.put(ORG, TEST, make_test(trace), server.clock.now_ms())
    await _sit_all(server, trace)
    found = await figures(server)
    with localcontext() as context:
        context.prec = 50
        _hold_against(found, trace, trace.candidates)
        assert found["alpha_ppm"] is not None
        for form_id in trace.forms:
            of_form = [one for one in trace.candidates if one.form_id == form_id]
            _hold_against(await figures(server, f"?form_id={form_id}"), trace, of_form)


async def _sit_all(server: RunningServer, trace: Trace) -> None:
    """Everybody's answers, through the node's own door; then all are marked."""
    for first in range(0, len(trace.candidates), _AT_ONCE):
        await asyncio.gather(*(_sit(server, one) for one in trace.candidates[first : first + _AT_ONCE]))
    async with asyncio.timeout(PATIENCE_S):
        while True:
            counts = (await server.node.statistics.counts(Selection(ORG, TEST))).by_status
            if counts.get(Status.COMPLETED) == len(trace.candidates):
                return
            await asyncio.sleep(0.05)


async def _sit(server: RunningServer, one: Candidate) -> None:
    actor = Actor(Role.CANDIDATE, one.candidate_id)
    wanted = NewAttempt(test_id=TEST, form_id=one.form_id)
    live, _ = await admit(server.node, Actor(Role.SERVICE, "platform"), ORG, None, actor.id, actor.id, wanted)
    answers: list[AnyCommand] = [
        Operate(actor, None, Answer(n, question_id, option, None, 0))
        for n, (question_id, option) in enumerate(one.answered.items(), 1)
    ]
    commands: list[AnyCommand] = [Begin(actor, 0), *answers, HandIn(actor, 0)]
    outcomes: asyncio.Queue[Done | Refusal] = asyncio.Queue()
    # Unlike those who wait for `run`, nobody loses patience here while the machine is busy.
    for command in commands:
        live.offer(command, outcomes.put_nowait)
    for _ in commands:
        outcome = await outcomes.get()
        assert isinstance(outcome, Done), outcome


def _hold_against(found: Any, trace: Trace, candidates: Sequence[Candidate]) -> None:
    """Every figure, computed from the record by the definitions."""
    scores = [one.score() for one in candidates]
    assert found["attempts"] == len(candidates)
    assert found["mean_mpt"] == _whole(_mean(scores) * POINT_MPT)
    spread = _variance(scores)
    assert found["sd_mpt"] == _whole(spread.sqrt() * POINT_MPT)
    scored = [item for item in trace.items if item.scored]
    columns = _columns(candidates)
    right = {item: [int(response.correct) for _, response in column] for item, column in columns.items()}
    alpha = Decimal(len(scored)) / (len(scored) - 1) * (1 - sum(_variance(right[item]) for item in scored) / spread)
    assert found["alpha_ppm"] == _whole(alpha * 1_000_000)
    assert found["sem_mpt"] == _whole((spread * (1 - alpha)).sqrt() * POINT_MPT)
    assert len(found["questions"]) == len(columns)
    by_id = {one["question_id"]: one for one in found["questions"]}
    for item, column in columns.items():
        _hold_question(by_id[item.question_id], item, column, right[item])


def _columns(candidates: Sequence[Candidate]) -> dict[Item, list[tuple[int, Response]]]:
    """Item → of each candidate who had it, her score and what she did with it."""
    columns: dict[Item, list[tuple[int, Response]]] = {}
    for one in candidates:
        score = one.score()
        for response in one.responses:
            columns.setdefault(response.item, []).append((score, response))
    return columns


def _hold_question(found: Any, item: Item, column: Sequence[tuple[int, Response]], right: list[int]) -> None:
    totals, responses = [total for total, _ in column], [response for _, response in column]
    rests = [total - mark * item.scored for total, mark in zip(totals, right, strict=True)]
    chosen = Counter(response.option for response in responses)
    assert (found["attempts"], found["blank"], found["scored"]) == (len(column), chosen[None], item.scored)
    assert found["difficulty_ppm"] == _whole(_mean(right) * 1_000_000)
    assert found["point_biserial_ppm"] == _correlation(right, totals)
    assert found["corrected_point_biserial_ppm"] == _correlation(right, rests)
    upper, lower = _in_group(totals, best=True), _in_group(totals, best=False)
    assert found["upper_lower_ppm"] == _whole((_weighed(right, upper) - _weighed(right, lower)) * 1_000_000)
    for one in found["options"]:
        chose = [int(response.option == one["option_id"]) for response in responses]
        assert (one["chosen"], one["correct"]) == (chosen[one["option_id"]], one["option_id"] == item.key)
        assert one["chosen_ppm"] == _whole(_mean(chose) * 1_000_000)
        assert one["upper_ppm"] == _whole(_weighed(chose, upper) * 1_000_000)
        assert one["lower_ppm"] == _whole(_weighed(chose, lower) * 1_000_000)
        assert one["point_biserial_ppm"] == _correlation(chose, rests)


def _in_group(totals: Sequence[int], *, best: bool) -> list[Decimal]:
    """How much of each attempt is in the best, or worst, 27 %: of those at its edge, the share that fits in."""
    size = _whole(Decimal(27 * len(totals)) / 100)
    weights = [Decimal(0)] * len(totals)
    left = size
    for total in sorted(set(totals), reverse=best):
        rows = [row for row, its in enumerate(totals) if its == total]
        for row in rows:
            weights[row] = min(Decimal(1), Decimal(left) / len(rows)) / size
        left = max(0, left - len(rows))
    return weights


def _weighed(values: Sequence[int], weights: Sequence[Decimal]) -> Decimal:
    return sum((value * weight for value, weight in zip(values, weights, strict=True)), Decimal(0))


def _mean(values: Sequence[int]) -> Decimal:
    return Decimal(sum(values)) / len(values)


def _variance(values: Sequence[int]) -> Decimal:
    return Decimal(sum(away**2 for away in _from_mean(values))) / (len(values) ** 2 * (len(values) - 1))


def _from_mean(values: Sequence[int]) -> list[int]:
    """How far each is from the mean, times their number: so it is whole."""
    total = sum(values)
    return [len(values) * value - total for value in values]


def _correlation(one: Sequence[int], other: Sequence[int]) -> int | None:
    if len(set(one)) == 1 or len(set(other)) == 1:
        return None
    together = sum(a * b for a, b in zip(_from_mean(one), _from_mean(other), strict=True))
    mean_product = Decimal(together) / (len(one) ** 2 * (len(one) - 1))
    return _whole(mean_product / (_variance(one) * _variance(other)).sqrt() * 1_000_000)


def _whole(number: Decimal) -> int:
    return int(number.quantize(Decimal(1), rounding="ROUND_HALF_UP"))
