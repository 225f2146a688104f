"""`/metrics` tells what has happened, in Prometheus' format, and names nobody."""

from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from protocol.attempt.model import Status
from protocol.codes import Code
from server.metrics.collector import PREFIX
from server.metrics.tally import ALL_KINDS
from server.relay import Measured
from tests.server.conftest import StartServer
from tests.server.harness.exam import CANDIDATE, ORG, TEST
from tests.server.harness.running import RunningServer
from tests.server.harness.waiting import eventually

Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


async def scrape(server: RunningServer) -> Samples:
    """Every sample, by its name without our prefix and its labels."""
    reply = await server.ops("/metrics")
    assert reply.status == 200
    assert reply.headers["content-type"].startswith("text/plain; version=")
    return {
        (sample.name.removeprefix(PREFIX), tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(reply.raw.decode())
        for sample in family.samples
    }


def labelled(samples: Samples, name: str) -> dict[tuple[str, ...], float]:
    """The samples of one name, by the values of their labels."""
    return {tuple(value for _, value in labels): number for (one, labels), number in samples.items() if one == name}


def counted(samples: Samples, name: str) -> dict[tuple[str, ...], float]:
    """The same without what has not happened yet."""
    return {labels: number for labels, number in labelled(samples, name).items() if number}


async def test_every_series_is_there_before_anything_has_happened(server: RunningServer) -> None:
    """An alert on the increase of a counter would miss the first time."""
    samples = await scrape(server)
    assert labelled(samples, "refusals_total") == {(code.value,): 0 for code in Code}
    assert labelled(samples, "journal_rejected_total") == {("fenced",): 0, ("late",): 0, ("unknown",): 0}
    commands = labelled(samples, "commands_total")
    assert {outcome for _, outcome in commands} == {"done", "unchanged", "refused"}
    kinds = {kind for kind, _ in commands}
    assert kinds >= {"create", "begin", "hand_in", "connect", "answer", "submit", "extend", "reopen", "mark_by_hand"}
    assert len(commands) == 3 * len(kinds) == 3 * len(ALL_KINDS)
    async with await server.sit(await server.started()) as socket:
        await socket.send("answer", n=1, question_id="word", value="Euler", client_at_ms=0)
        await socket.until("ack", n=1)
    assert labelled(await scrape(server), "commands_total").keys() == commands.keys(), "no kind was forgotten"


async def test_a_sitting_is_counted(server: RunningServer) -> None:
    attempt_id = await server.make_attempt()
    async with await server.sit(attempt_id) as socket, await server.watch():
        await socket.send("start", n=1, client_at_ms=0)
        await socket.send("answer", n=2, question_id="single", value="b", client_at_ms=0)
        await socket.send("answer", n=2, question_id="single", value="b", client_at_ms=0)
        await socket.send("answer", n=3, question_id="none", value="b", client_at_ms=0)
        await socket.until("ack", n=2)
        await socket.until("refused", n=3)
        samples = await scrape(server)
    assert labelled(samples, "connected_sockets") == {("candidate",): 1, ("instructor",): 1}
    assert labelled(samples, "live_attempts")[("in_progress",)] == 1
    assert samples["sitting", ()] == 1
    commands = labelled(samples, "commands_total")
    assert commands["create", "done"] == commands["connect", "done"] == commands["start", "done"] == 1
    assert (commands["answer", "done"], commands["answer", "unchanged"], commands["answer", "refused"]) == (1, 1, 1)
    assert counted(samples, "refusals_total") == {("unknown_question",): 1}
    assert samples["ack_seconds_count", ()] >= 1
    assert samples["commit_seconds_count", ()] == server.node.journal.stats.commits > 0
    assert samples["commit_records_sum", ()] == server.node.journal.stats.records
    assert (samples["journal_queue_records", ()], samples["database_available", ()]) == (0, 1)
    assert samples["relay_healthy", ()] == 1
    assert ("relay_lag_seconds", ()) not in samples, "within one process there is nothing to measure"
    assert (samples["overloaded", ()], samples["draining", ()]) == (0, 0)


async def test_what_caches_had_is_counted(server: RunningServer) -> None:
    before = labelled(await scrape(server), "cache_uses_total")
    assert before == {(cache, outcome): 0 for cache in ("papers", "media") for outcome in ("hit", "miss")}
    for user in ("ada", "bob"):
        await server.started(user)
    after = labelled(await scrape(server), "cache_uses_total")
    assert after["papers", "miss"] == 1, "the second one has the same form"
    assert after["papers", "hit"] >= 1
    assert server.node.media_cache.get("org", "0" * 64) is None
    assert labelled(await scrape(server), "cache_uses_total")["media", "miss"] == 1


async def test_the_end_by_time_is_counted(server: RunningServer) -> None:
    attempt_id = await server.started()
    await server.advance(700_000)
    await server.reaches(attempt_id, "completed")
    samples = await scrape(server)
    assert samples["expired_total", ()] == 1
    assert samples["timer_late_seconds_count", ()] >= 1
    assert labelled(samples, "live_attempts")[(Status.COMPLETED.value,)] == 1


async def test_refusals_are_counted_however_they_are_told(server: RunningServer) -> None:
    attempt_id = await server.make_attempt()
    await server.call("GET", f"/test-attempts/{attempt_id}/status")
    await server.call("GET", "/nothing")
    answers = [{"n": 1, "question_id": "single", "value": "a", "client_at_ms": 0}]
    await server.act("POST", f"/test-attempts/{attempt_id}/answers", server.token(), {"answers": answers})
    async with await server.socket(f"/ws/attempts/{attempt_id}") as socket:
        await socket.hello("no token")
        await socket.end()
    async with await server.watch() as watcher:
        await watcher.send("pause", command_id="c1", attempt_id=attempt_id, reason="")
        await watcher.until("command_refused")
    refusals = counted(await scrape(server), "refusals_total")
    assert refusals == {("token_missing",): 1, ("not_found",): 1, ("not_started",): 2, ("token_invalid",): 1}


async def test_no_sample_names_anybody(server: RunningServer) -> None:
    attempt_id = await server.started(display_name="Ada Lovelace")
    async with await server.sit(attempt_id), await server.watch():
        text = (await server.ops("/metrics")).raw.decode()
    for secret in (attempt_id, CANDIDATE, "Lovelace", f'"{ORG}"', TEST, "grace", "127.0.0.1"):
        assert secret not in text


async def test_each_node_has_its_own_numbers(start_server: StartServer, tmp_path: Path) -> None:
    one, other = await start_server(), await start_server(data=tmp_path / "other")
    await one.call("GET", "/nothing")
    assert counted(await scrape(one), "refusals_total") == {("not_found",): 1}
    assert counted(await scrape(other), "refusals_total") == {}


@pytest.mark.redis
async def test_the_relay_over_redis_is_measured(start_server: StartServer, redis_url: str) -> None:
    server = await start_server(redis_url=redis_url)
    await eventually(lambda: server.node.relay.healthy)
    relay = server.node.relay
    assert isinstance(relay, Measured)
    await eventually(lambda: relay.lag_s > 0)
    samples = await scrape(server)
    assert samples["relay_lag_seconds", ()] > 0
    assert samples["relay_healthy", ()] == 1
    assert samples["relay_queue_messages", ()] >= 0
