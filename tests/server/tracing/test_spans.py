"""What a real collector gets of real commands."""

import asyncio
import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from loadtest.ports import free_port
from protocol.attempt.commands import Begin, Steer
from protocol.messages.staff import CancelAttempt
from server.tracing import start_tracing
from storage.migrate import migrate
from tests.server.attempts.bench import ADA, GRACE, answer, done, offer, refusal, writer
from tests.server.conftest import SECRET, StartServer
from tests.server.harness.clock import MovableClock
from tests.server.harness.collector import Collector, Span, collecting
from tests.server.harness.exam import ORG
from tests.server.harness.running import RunningServer
from tests.server.harness.waiting import eventually
from tests.services.patience import PATIENCE_S

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = "00f067aa0ba902b7"
TRACEPARENT = f"00-{TRACE}-{PARENT}-01"


@pytest.fixture
async def collector() -> AsyncIterator[Collector]:
    async with collecting() as running:
        yield running


@pytest.fixture
async def traced(start_server: StartServer, collector: Collector) -> RunningServer:
    """A server with a test; what it traced is at the collector when it has stopped."""
    # A span takes the time that passes in it.
    running = await start_server(clock=MovableClock(), otlp_endpoint=collector.url)
    await running.make_test()
    return running


def names(spans: list[Span]) -> list[str]:
    return [span.name for span in spans]


# One command


async def test_an_answer_is_a_span_with_its_steps(traced: RunningServer, collector: Collector) -> None:
    attempt_id = await traced.started()
    async with await traced.sit(attempt_id) as socket:
        await socket.send("beat", t0_ms=0)
        await socket.send("answer", n=1, question_id="word", value="Euler", client_at_ms=0)
        seq = (await socket.until("ack", n=1))["seq"]
    await traced.stop()
    span = collector.one("answer")
    assert span.attributes == {
        "pencilsdown.attempt.id": attempt_id,
        "pencilsdown.org.id": ORG,
        "pencilsdown.role": "candidate",
        "pencilsdown.seq": [seq],
        "pencilsdown.outcome": "done",
    }
    assert (span.kind, span.status, span.parent_id) == ("server", "unset", "")
    assert span.resource["service.name"] == "pencilsdown"
    assert span.resource["service.instance.id"] == traced.node.name
    assert span.resource["service.version"]
    decide, queue, commit = collector.steps(span)
    assert (decide.name, queue.name, commit.name) == ("decide", "queue", "commit")
    assert span.began_ns <= decide.began_ns <= decide.ended_ns == queue.began_ns
    assert queue.ended_ns == commit.began_ns < commit.ended_ns <= span.ended_ns
    assert commit.attributes == {"pencilsdown.commit.records": 1}
    now_ns = traced.clock.now_ms() * 1_000_000
    assert now_ns - 60_000_000_000 < span.began_ns < now_ns, "by the server's clock"


async def test_every_command_has_its_own_trace_and_nothing_else_has(
    traced: RunningServer, collector: Collector
) -> None:
    attempt_id = await traced.started()
    async with await traced.sit(attempt_id) as socket, await traced.watch() as watcher:
        for n in range(2):
            await socket.send("beat", t0_ms=n)
            await watcher.send("beat", t0_ms=n)
        await socket.send("progress", n=1, question_index=1, client_at_ms=0)
        await socket.until("ack", n=1)
        await watcher.send("extend", command_id="e", attempt_id=attempt_id, add_ms=1_000, reason="")
        await watcher.until("done", command_id="e")
    live = await traced.node.registry.get(attempt_id)
    assert live is not None
    await eventually(lambda: live.committed.connection_id is None)
    (await traced.act("PUT", f"/test-attempts/{attempt_id}/heartbeat", traced.token(), {"t0_ms": 0})).ok()
    (await traced.act("POST", f"/test-attempts/{attempt_id}/complete", traced.token(), {})).ok()
    await traced.reaches(attempt_id, "completed")
    await traced.stop()
    roots = [span for span in collector.spans if not span.parent_id]
    told = ["create", "begin", "connect", "progress", "extend", "disconnect", "connect", "hand_in", "assess"]
    assert sorted(names(roots)) == sorted(told), "a connection by socket, and one over REST"
    assert len({span.trace_id for span in roots}) == len(roots)
    assert {span.name for span in roots if span.kind == "internal"} == {"assess"}
    extend = collector.one("extend")
    assert extend.attributes["pencilsdown.role"] == "instructor"
    assert extend.began_ns < collector.steps(extend)[0].began_ns, "finding the attempt is a part of it"
    assert names(collector.steps(collector.one("create"))) == ["decide", "queue", "commit"]
    assert {span.name for span in collector.spans} == {*told, "decide", "queue", "commit"}


async def test_a_refusal_is_named_and_an_error_only_where_the_server_is_at_fault(
    traced: RunningServer, collector: Collector
) -> None:
    attempt_id = await traced.started()
    token, path = traced.token(), f"/test-attempts/{attempt_id}"

    async def answer_over_rest(n: int, question_id: str) -> None:
        body = {"answers": [{"n": n, "question_id": question_id, "value": "Euler", "client_at_ms": 0}]}
        (await traced.act("POST", f"{path}/answers", token, body)).ok()

    await answer_over_rest(1, "nowhere")
    await answer_over_rest(2, "word")
    await answer_over_rest(2, "word")
    traced.node.journal._max_queue_records = 0
    await answer_over_rest(3, "word")
    traced.node.journal._max_queue_records = 1_000
    await traced.stop()
    wrong, first, repeated, put_off = sorted(collector.named("answer"), key=lambda span: span.began_ns)
    assert (wrong.attributes["pencilsdown.outcome"], wrong.status) == ("refused", "unset")
    assert wrong.attributes["pencilsdown.refusal"] == "unknown_question"
    assert names(collector.steps(wrong)) == ["decide"]
    assert first.attributes["pencilsdown.outcome"] == "done"
    assert repeated.attributes["pencilsdown.outcome"] == "unchanged"
    assert "pencilsdown.seq" not in repeated.attributes
    assert (put_off.attributes["pencilsdown.outcome"], put_off.status) == ("refused", "error")
    assert put_off.attributes["pencilsdown.refusal"] == put_off.attributes["error.type"] == "overloaded"


async def test_what_was_rejected_shows_why_and_that_the_log_was_read_again(
    collector: Collector, tmp_path: Path
) -> None:
    clock = MovableClock()
    await migrate(f"sqlite:///{tmp_path / 'log'}")
    tracing = start_tracing(collector.url, "node-1", clock)
    async with (
        writer(tmp_path / "log", clock, alone=False, tracing=tracing) as here,
        writer(tmp_path / "log", clock, alone=False) as there,
    ):
        live = await here.make()
        done(await live.run(Begin(ADA, 0)))
        cancel = Steer(GRACE, CancelAttempt("c", live.attempt_id, False, "ill"))
        done(await there.registry.execute(live.attempt_id, cancel))
        outcomes = [offer(live, answer(1)), offer(live, answer(2))]
        assert {refusal(outcome) for outcome in await asyncio.gather(*outcomes)} == {"cancelled"}
    assert tracing is not None
    await tracing.close()
    rejected = collector.named("answer")
    assert len(rejected) == 2
    for span in rejected:
        steps = collector.steps(span)
        assert names(steps) == ["decide", "queue", "reload", "decide"]
        assert steps[1].attributes == {"pencilsdown.rejected": "fenced"}
        assert [step.began_ns for step in steps[1:]] == [step.ended_ns for step in steps[:-1]]


# Where it came from


async def test_a_platforms_trace_goes_on(traced: RunningServer, collector: Collector) -> None:
    attempt_id = await traced.started()
    path = f"/test-attempts/{attempt_id}"
    (await traced.call("POST", f"{path}/pause", traced.service, {}, traceparent=TRACEPARENT)).ok()
    await traced.stop()
    span = collector.one("pause")
    assert (span.trace_id, span.parent_id) == (TRACE, PARENT)
    steps = collector.steps(span)
    assert names(steps) == ["decide", "queue", "commit"]
    assert span.began_ns < steps[0].began_ns, "finding the attempt, and the token's check, are a part of it"


@pytest.mark.parametrize(
    "traceparent",
    ["", "nonsense", f"00-{'0' * 32}-{PARENT}-01", f"ff-{TRACE}-{PARENT}-01", f"{TRACEPARENT}-more", "0" * 5_000],
)
async def test_a_traceparent_that_cannot_be_read_is_none(
    traced: RunningServer, collector: Collector, traceparent: str
) -> None:
    attempt_id = await traced.started()
    reply = await traced.call("POST", f"/test-attempts/{attempt_id}/pause", traced.service, {}, traceparent=traceparent)
    reply.ok()
    await traced.stop()
    span = collector.one("pause")
    assert (span.parent_id, span.trace_id == TRACE) == ("", False)


async def test_a_candidate_writes_into_no_trace_of_others(traced: RunningServer, collector: Collector) -> None:
    attempt_id = await traced.make_attempt()
    path = f"/test-attempts/{attempt_id}"
    (await traced.act("POST", f"{path}/start", traced.token(), {}, traceparent=TRACEPARENT)).ok()
    await traced.stop()
    assert collector.one("begin").parent_id == ""
    assert TRACE not in {span.trace_id for span in collector.spans}


async def test_what_the_caller_does_not_sample_is_not_sent(traced: RunningServer, collector: Collector) -> None:
    attempt_id = await traced.started()
    unsampled = TRACEPARENT.removesuffix("01") + "00"
    path = f"/test-attempts/{attempt_id}"
    (await traced.call("POST", f"{path}/pause", traced.service, {}, traceparent=unsampled)).ok()
    await traced.stop()
    assert collector.named("begin")
    assert not collector.named("pause")


async def test_a_timer_is_nobodys_child(traced: RunningServer, collector: Collector) -> None:
    await traced.make_test("short", duration_ms=1_000, grace_ms=0, warnings_ms=[])
    attempt_id = await traced.make_attempt(test_id="short")
    path = f"/test-attempts/{attempt_id}"
    (await traced.call("POST", f"{path}/start", traced.service, {}, traceparent=TRACEPARENT)).ok()
    live = traced.node.registry.at_hand(attempt_id)
    assert live is not None
    traced.node.registry.forget(live)
    # It is loaded, and its timer set, while this is handled.
    (await traced.call("GET", f"{path}/status", traced.service, traceparent=TRACEPARENT)).ok()
    await traced.reaches(attempt_id, "completed")
    await traced.stop()
    assert collector.one("begin").trace_id == TRACE
    wakes = collector.named("wake")
    assert wakes
    for wake in wakes:
        assert (wake.parent_id, wake.kind, wake.attributes["pencilsdown.role"]) == ("", "internal", "system")
        assert collector.steps(wake)[0].began_ns == wake.began_ns, "it was not received then"


@pytest.mark.parametrize(("sampler", "argument"), [("always_off", ""), ("parentbased_traceidratio", "0")])
async def test_the_sdks_own_variable_says_what_is_sampled(
    start_server: StartServer,
    collector: Collector,
    monkeypatch: pytest.MonkeyPatch,
    sampler: str,
    argument: str,
) -> None:
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", sampler)
    monkeypatch.setenv("OTEL_TRACES_SAMPLER_ARG", argument)
    server = await start_server(otlp_endpoint=collector.url)
    await server.make_test()
    await server.started()
    await server.stop()
    assert collector.bodies == []


# Several nodes


async def test_another_node_goes_on_with_the_trace(
    migrated_postgres_url: str, redis_url: str, start_server: StartServer, collector: Collector
) -> None:
    given = {"database_url": migrated_postgres_url, "redis_url": redis_url, "otlp_endpoint": collector.url}
    one, two = await start_server(**given), await start_server(**given)
    await one.make_test()
    attempt_id = await one.started()
    path = f"/test-attempts/{attempt_id}"
    await eventually(lambda: one.node.relay.healthy and two.node.relay.healthy)
    async with await one.sit(attempt_id) as socket:
        (await two.call("POST", f"{path}/pause", two.service, {}, traceparent=TRACEPARENT)).ok()
        state = await socket.until("state")
        assert state["state"]["status"] == "paused"
    await asyncio.gather(one.stop(), two.stop())
    pause = collector.one("pause")
    assert (pause.trace_id, pause.parent_id) == (TRACE, PARENT)
    assert pause.resource["service.instance.id"] == two.node.name
    (adopt,) = [span for span in collector.named("adopt") if span.trace_id == TRACE]
    assert (adopt.parent_id, adopt.kind) == (pause.span_id, "consumer")
    assert adopt.resource["service.instance.id"] == one.node.name
    assert adopt.attributes == {
        "pencilsdown.attempt.id": attempt_id,
        "pencilsdown.org.id": ORG,
        "pencilsdown.outcome": "done",
        "pencilsdown.seq": pause.attributes["pencilsdown.seq"],
    }


# What is not sent


async def test_nothing_of_anybody_is_sent(start_server: StartServer, collector: Collector) -> None:
    server = await start_server(otlp_endpoint=collector.url)
    await server.make_test(essay=True)
    user, name, text, essay = "canary-user", "Canary Lovelace", "canary message", "canary essay"
    attempt_id = await server.make_attempt(user, display_name=name)
    token = server.token(user=user, name=name)
    path = f"/test-attempts/{attempt_id}"
    async with await server.sit(attempt_id, user) as socket, await server.watch() as watcher:
        await socket.send("start", n=1, client_at_ms=0)
        await socket.send("answer", n=2, question_id="essay", value=essay, client_at_ms=0)
        await socket.until("ack", n=2)
        await socket.send("answer", n=3, question_id="canary-question", value=essay, client_at_ms=0)
        await socket.until("refused", n=3)
        await watcher.send("message", command_id="canary-command", attempt_id=attempt_id, text=text)
        await socket.until("staff_message")
        await watcher.send("pause", command_id="p", attempt_id=attempt_id, reason="canary reason")
        await watcher.until("done", command_id="p")
        await watcher.send("resume", command_id="r", attempt_id=attempt_id, reason="canary reason")
        await watcher.until("done", command_id="r")
    state = "canary=of-a-tracestate"
    for role in (server.service, token):
        await server.call("POST", f"{path}/complete", role, {}, traceparent=TRACEPARENT, tracestate=state)
    mark = {"score_mpt": 1, "remark": "canary remark"}
    (await server.call("PUT", f"{path}/marks/essay", server.service, mark, traceparent=TRACEPARENT)).ok()
    await server.reaches(attempt_id, "completed")
    await server.stop()
    sent = b"".join(collector.bodies)
    assert {"answer", "message", "pause", "mark_by_hand", "connect"} <= {span.name for span in collector.spans}
    assert attempt_id.encode() in sent
    for private in ("canary", "Canary", "127.0.0.1", "stranger/1", "Python/", "grace", SECRET, token):
        assert private.encode() not in sent, private


# A collector that fails


def told(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]


async def test_a_collector_that_is_down_costs_no_answer_and_one_line(
    start_server: StartServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("server.tracing.spans._FLUSH_S", 0.1)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "0.1")
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "10")
    monkeypatch.setenv("OTEL_BSP_MAX_QUEUE_SIZE", "8")
    monkeypatch.setenv("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "2")
    server = await start_server(otlp_endpoint=f"http://127.0.0.1:{free_port()}")
    await server.make_test()
    attempt_id = await server.started()
    async with await server.sit(attempt_id) as socket:
        for n in range(1, 51):
            await socket.send("answer", n=n, question_id="word", value=str(n), client_at_ms=0)
            await socket.until("ack", n=n)
    await eventually(lambda: told(caplog))
    await server.stop()
    assert [line.partition(";")[0] for line in told(caplog)] == ["The collector does not take spans"]


async def test_a_collector_that_never_answers_does_not_keep_a_node_from_stopping(
    start_server: StartServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("server.tracing.spans._FLUSH_S", 0.1)
    # In seconds.
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", str(10 * PATIENCE_S))
    held: list[asyncio.StreamWriter] = []

    async def hold(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        held.append(writer)
        await reader.read()

    async with await asyncio.start_server(hold, "127.0.0.1", 0) as silent:
        port = silent.sockets[0].getsockname()[1]
        server = await start_server(otlp_endpoint=f"http://127.0.0.1:{port}")
        await server.make_test()
        await server.started()
        async with asyncio.timeout(PATIENCE_S):  # left alone, the exporter takes ten times as long
            await server.stop()
        assert held, "it was asked"
        assert [line.partition(";")[0] for line in told(caplog)] == ["The collector does not take spans"]
        for writer in held:
            writer.close()


async def test_that_spans_are_lost_is_said_once_and_that_they_are_taken_again(
    start_server: StartServer,
    collector: Collector,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "10")
    collector.answer = 400
    server = await start_server(otlp_endpoint=collector.url)
    await server.make_test()
    for number in range(5):
        sent = len(collector.bodies)
        await server.started(f"user-{number}")
        await eventually(lambda sent=sent: len(collector.bodies) > sent)  # type: ignore[misc]
    collector.answer = 200
    attempt_id = await server.started("user-5")
    await eventually(lambda: any(attempt_id in span.attributes.values() for span in collector.named("begin")))
    await server.stop()
    first, second = told(caplog)
    assert first.startswith("The collector does not take spans")
    assert second == f"The collector takes spans again; {collector.refused} or more were lost"
