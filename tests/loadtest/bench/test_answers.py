"""The benchmark of answers runs against real servers, and finds what a server loses."""

from collections.abc import AsyncIterator, Iterator
from itertools import count
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio
from typer.testing import CliRunner

from loadtest.__main__ import app
from loadtest.bench import answers, generator
from loadtest.bench.control import Seat
from loadtest.bench.generator import Load, Measured, generate
from loadtest.bench.log_check import check_log
from loadtest.bench.making import make_seats
from loadtest.bench.plan import Lost
from loadtest.bench.script import FIRST_NUMBER, Log, candidate_script
from loadtest.capacity.stage import Stage, opened
from protocol import codec
from protocol.codes import Code
from protocol.errors import refuse
from protocol.messages.candidate import Ack, Hello
from protocol.messages.connection import Goodbye, RefusedOp
from protocol.messages.operations import Answer
from tests.loadtest.bench.tampering import Change, tampering, unchanged

_CANDIDATES = 3
_VICTIM = FIRST_NUMBER
"""The answer that is tampered with: everybody sends the first one, however slow the machine is."""


def _run(tmp_path: Path, *arguments: str) -> tuple[int, dict[str, object], dict[str, dict[str, object]]]:
    report = tmp_path / "report.json"
    shared = ["bench", "answers", "--candidates", "5", "--rounds", "1", "--seconds", "1", "--report", str(report)]
    result = CliRunner().invoke(app, [*shared, *arguments])
    assert result.exit_code in (0, 1), result.output
    told = msgspec.json.decode(report.read_bytes())
    return result.exit_code, told, {figure["name"]: figure for figure in told["figures"]}


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "_WARM_S", 0.2)


def test_a_closed_loop_compares_the_cost_of_an_answer_with_that_of_an_echo(tmp_path: Path) -> None:
    code, told, figures = _run(tmp_path, "--database", "sqlite")
    assert (told["bench"], told["candidates"], told["rounds"], told["rate"]) == ("answers", 5, 1, None)
    cost = figures["sqlite: the node's processor time of an answer"]
    bare = figures["bare echo: processor time of a message"]
    assert (cost["unit"], cost["goal"]) == ("µs", 1.2)
    assert isinstance(cost["value"], float)
    assert isinstance(bare["value"], float)
    assert cost["ratio"] == pytest.approx(cost["value"] / bare["value"], rel=0.01)
    assert (code == 0) == bool(cost["met"])
    assert isinstance(told["generator_utilisation"], float)
    assert 0 < told["generator_utilisation"] < 1
    assert told["void"] is False


@pytest.mark.slow
@pytest.mark.postgres
def test_at_a_rate_latencies_have_goals_too(tmp_path: Path) -> None:
    _, told, figures = _run(tmp_path, "--database", "postgresql", "--rate", "60")
    assert told["rate"] == 60
    assert figures["postgresql: the node's processor time of an answer"]["goal"] == 1.5
    assert figures["postgresql: acknowledged after, p99"]["goal"] == 10
    assert figures["postgresql: acknowledged after, p99.9"]["goal"] == 25
    assert figures["postgresql: the database's processor time of an answer"]["value"] != 0


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage() -> AsyncIterator[Stage]:
    async with opened("sqlite") as stage:
        yield stage


_rooms: Iterator[int] = count()


async def _measure(stage: Stage, of_client: Change = unchanged, of_server: Change = unchanged) -> Measured:
    """Through the proxy, with candidates of their own; then the log is looked at."""
    seats = await make_seats(stage, _CANDIDATES, f"room-{next(_rooms)}")
    script = candidate_script(seats)
    async with tampering(stage.port, of_client, of_server) as port:
        load = Load(port, None, warm_s=0.1, window_s=0.3, server_pid=stage.node_pid)
        measured = await generate(script, load, stage.folder)
    measured.check()
    check_log(await stage.archive.answers(), script, [seat.id for seat in seats], measured.last_numbers)
    return measured


def _acks(message: bytes, n: int) -> bool:
    said = codec.decode_to_candidate(message)
    return isinstance(said, Ack) and said.n == n


def _answers(message: bytes, n: int) -> bool:
    said = codec.decode_from_candidate(message)
    return isinstance(said, Answer) and said.n == n


@pytest.mark.asyncio(loop_scope="module")
async def test_every_answer_is_acknowledged_and_in_the_log(stage: Stage) -> None:
    measured = await _measure(stage)
    assert measured.opened == _CANDIDATES
    assert measured.sent == measured.acked == sum(last + 1 - FIRST_NUMBER for last in measured.last_numbers)
    assert min(measured.last_numbers) >= FIRST_NUMBER
    assert measured.server_cpu_s > 0


@pytest.mark.asyncio(loop_scope="module")
async def test_a_lost_acknowledgement_is_found(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generator, "_PATIENCE_S", 1.0)

    def swallow(message: bytes) -> tuple[bytes | None, bytes | None]:
        return (None if _acks(message, _VICTIM) else message), None

    with pytest.raises(Lost, match=rf"{_CANDIDATES} of \d+ answers were not acknowledged"):
        await _measure(stage, of_server=swallow)


@pytest.mark.asyncio(loop_scope="module")
async def test_an_acknowledged_answer_that_is_not_in_the_log_is_found(stage: Stage) -> None:
    def pretend(message: bytes) -> tuple[bytes | None, bytes | None]:
        if _answers(message, _VICTIM):
            return None, codec.encode(Ack(_VICTIM, 1, 1, "00"))
        return message, None

    with pytest.raises(Lost, match=f"answer {_VICTIM} of attempt .* was acknowledged, but the log does not have it"):
        await _measure(stage, of_client=pretend)


@pytest.mark.asyncio(loop_scope="module")
async def test_a_refusal_is_told_with_its_words(stage: Stage) -> None:
    refusal = refuse(Code.PAUSED)

    def refused(message: bytes) -> tuple[bytes | None, bytes | None]:
        if _acks(message, _VICTIM):
            return codec.encode(RefusedOp(_VICTIM, refusal.code, refusal.detail, refusal.retry)), None
        return message, None

    with pytest.raises(Lost, match=f"the server says no: {refusal.code}"):
        await _measure(stage, of_server=refused)


@pytest.mark.asyncio(loop_scope="module")
async def test_who_is_put_off_by_a_busy_server_comes_again(stage: Stage) -> None:
    put_off = [codec.encode(Goodbye(4000, "busy", 100))] * 2

    def busy(message: bytes) -> tuple[bytes | None, bytes | None]:
        if put_off and isinstance(codec.decode_from_candidate(message), Hello):
            return None, put_off.pop()
        return message, None

    measured = await _measure(stage, of_client=busy)
    assert not put_off
    assert measured.opened == _CANDIDATES


def test_the_log_must_have_what_was_sent_and_no_more() -> None:
    script = candidate_script([Seat("a", "token"), Seat("b", "token")])
    last = [FIRST_NUMBER, FIRST_NUMBER + 1]
    sent = {(peer, n): script.sent(peer, n) for peer, end in enumerate(last) for n in range(FIRST_NUMBER, end + 1)}
    log: Log = {"a": {}, "b": {}}
    for (peer, n), one in sent.items():
        log["ab"[peer]][n] = one.question_id, one.value
    check_log(log, script, ["a", "b"], last)
    other = log["b"] | {last[1]: (log["b"][last[1]][0], "other")}
    with pytest.raises(Lost, match="the log does not have it"):
        check_log(log | {"b": other}, script, ["a", "b"], last)
    more = log["a"] | {last[0] + 1: ("question-000", "a")}
    with pytest.raises(Lost, match="not acknowledged"):
        check_log(log | {"a": more}, script, ["a", "b"], last)
