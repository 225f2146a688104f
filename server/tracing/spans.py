"""Spans of commands, over OpenTelemetry's SDK.

A command on an attempt is a span from its receipt to its reply, named by its kind; each of its steps is a child:

    decide   what follows from the attempt's state
    queue    waiting for the journal, which is busy with an earlier transaction; `pencilsdown.rejected` says why it was
             in vain
    commit   the transaction, shared with whatever else was queued: `pencilsdown.commit.records` of it
    reload   reading the log again, where a record was rejected, or this copy may be old

The commit is a child of every command in it, not a span of its own with links to them: so a trace shows it from where
one looks, and sampling keeps or drops both together. Steps are spans and not events, which OpenTelemetry gives up; they
are made in one go when the step is over, so that what is not sampled costs one question to the sampler.

Another node that hears of the records has a span `adopt` in the same trace.

Attributes name the attempt, its organisation, the role, numbers and codes: never who, and never what was written.
Times are by the node's clock. What a caller says of its own trace is believed of staff and services alone: a candidate
could have everything sampled, or write into traces of others.
"""

import asyncio
import contextlib
import logging
import threading
from collections.abc import Sequence
from contextvars import ContextVar
from functools import cache
from importlib.metadata import version
from time import perf_counter_ns
from typing import Final

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.semconv.attributes.error_attributes import ERROR_TYPE
from opentelemetry.semconv.attributes.service_attributes import SERVICE_INSTANCE_ID, SERVICE_NAME, SERVICE_VERSION
from opentelemetry.trace import (
    Span,
    SpanKind,
    StatusCode,
    Tracer,
    format_span_id,
    format_trace_id,
    set_span_in_context,
)
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from opentelemetry.util.types import AttributeValue

from protocol.attempt.commands import AnyCommand, Create
from protocol.attempt.facts import Record
from protocol.attempt.model import Identity, Role
from protocol.rules.rights import STAFF
from server.clock import Clock
from server.metrics.tally import kind_name, kind_of
from storage.log.journal import Committed, JournalStats, Outcome

log = logging.getLogger(__name__)

_NAME: Final = "pencilsdown"
_FLUSH_S: Final = 3.0
"""How long a stopping node waits for its last spans to be sent."""
_ROOT: Final = Context()
_PROPAGATOR: Final = TraceContextTextMapPropagator()

_ATTEMPT: Final = "pencilsdown.attempt.id"
_ORG: Final = "pencilsdown.org.id"
_ROLE: Final = "pencilsdown.role"
_SEQ: Final = "pencilsdown.seq"
_OUTCOME: Final = "pencilsdown.outcome"
_REFUSAL: Final = "pencilsdown.refusal"
_RECORDS: Final = "pencilsdown.commit.records"
_REJECTED: Final = "pencilsdown.rejected"

_receipt: ContextVar[tuple[int, str | None] | None] = ContextVar("receipt", default=None)
"""When what is being handled was received (by `perf_counter_ns`), and the `traceparent` that came with it."""

_name_of: Final = cache(kind_name)


class Tracing:
    """The traces of one node."""

    def __init__(self, endpoint: str, node: str, clock: Clock) -> None:
        """`endpoint`: of an OTLP/HTTP collector, without `/v1/traces`. Everything else is as the SDK's own variables
        (`OTEL_…`) say."""
        resource = Resource.create({SERVICE_NAME: _NAME, SERVICE_INSTANCE_ID: node, SERVICE_VERSION: version(_NAME)})
        self._clock = clock
        self._exporter = _Exporter(OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces"))
        self._provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(self._exporter))
        self._tracer = self._provider.get_tracer(_NAME, version(_NAME))
        # A collector that is away would fill the log with every batch and every span; the exporter says it once.
        for noisy in ("opentelemetry", "urllib3"):
            logging.getLogger(noisy).setLevel(logging.CRITICAL)

    def receive(self, traceparent: str | None = None) -> None:
        """Something is received: commands that come of it in this task have been on their way since now. Only for a
        task that ends with it."""
        _receipt.set((perf_counter_ns(), traceparent))

    def command(self, command: AnyCommand | Create, identity: Identity) -> "Trace | None":
        """A command is about to be decided; None where its trace is not sampled."""
        now_ns = received_ns = perf_counter_ns()
        origin_ns = self._origin_ns(now_ns)
        parent = _ROOT
        role = command.by.role
        receipt = _receipt.get()
        # Timers and tasks inherit the receipt of whatever set them up.
        if receipt is not None and role is not Role.SYSTEM:
            received_ns, traceparent = receipt
            if traceparent is not None and role in STAFF:
                parent = _context_of(traceparent)
        span = self._tracer.start_span(
            _name_of(kind_of(command)),
            parent,
            SpanKind.INTERNAL if role is Role.SYSTEM else SpanKind.SERVER,
            {_ATTEMPT: identity.attempt_id, _ORG: identity.org_id, _ROLE: role.value},
            start_time=origin_ns + received_ns,
        )
        return Trace(self._tracer, span, origin_ns, now_ns) if span.is_recording() else None

    def adopted(self, traceparents: Sequence[str], identity: Identity, outcome: str, seq: int, began_ns: int) -> None:
        """Another node told of records, and it is done with: `outcome` says how, `seq` is what the copy has now.
        `began_ns` by `perf_counter_ns`."""
        ended_ns = perf_counter_ns()
        origin_ns = self._origin_ns(ended_ns)
        attributes: dict[str, AttributeValue] = {
            _ATTEMPT: identity.attempt_id,
            _ORG: identity.org_id,
            _OUTCOME: outcome,
            _SEQ: (seq,),
        }
        for traceparent in traceparents:
            span = self._tracer.start_span(
                "adopt", _context_of(traceparent), SpanKind.CONSUMER, attributes, start_time=origin_ns + began_ns
            )
            span.end(origin_ns + ended_ns)

    async def close(self) -> None:
        """Sends what is left; gives up on a collector that takes too long."""
        loop = asyncio.get_running_loop()
        sent = asyncio.Event()

        def shut_down() -> None:
            self._provider.shutdown()
            with contextlib.suppress(RuntimeError):  # the loop may be gone by then
                loop.call_soon_threadsafe(sent.set)

        # The loop's own threads are waited for when the process ends; nobody waits for this one.
        threading.Thread(target=shut_down, name="last spans", daemon=True).start()
        try:
            await asyncio.wait_for(sent.wait(), _FLUSH_S)
        except TimeoutError:
            self._exporter.lose(1)
            self._exporter.shutdown()

    def _origin_ns(self, now_ns: int) -> int:
        """What makes an instant of `perf_counter_ns` one of the node's clock."""
        return self._clock.now_ns() - now_ns


class Trace:
    """One command on its way. Each method tells that a step is over; `done` and `refused` end it."""

    __slots__ = ("_origin_ns", "_since_ns", "_span", "_steps", "_tracer")

    def __init__(self, tracer: Tracer, span: Span, origin_ns: int, now_ns: int) -> None:
        self._tracer = tracer
        self._span = span
        self._steps = set_span_in_context(span, _ROOT)
        self._origin_ns = origin_ns
        self._since_ns = now_ns

    @property
    def traceparent(self) -> str:
        """For whoever goes on with it elsewhere."""
        context = self._span.get_span_context()
        return f"00-{format_trace_id(context.trace_id)}-{format_span_id(context.span_id)}-{context.trace_flags:02x}"

    def decided(self) -> None:
        self._step("decide", perf_counter_ns())

    def journalled(self, outcome: Outcome, stats: JournalStats) -> None:
        """The journal has said what became of its records. Where it had to write a batch one by one, the last
        transaction is taken for all of them."""
        if isinstance(outcome, Committed):
            ended_ns = int(stats.last_committed_s * 1e9)
            self._step("queue", ended_ns - int(stats.last_commit_s * 1e9))
            self._step("commit", ended_ns, {_RECORDS: stats.last_batch_records})
        else:
            self._step("queue", perf_counter_ns(), {_REJECTED: outcome.reason})

    def reloaded(self) -> None:
        self._step("reload", perf_counter_ns())

    def done(self, records: Sequence[Record]) -> None:
        """It is durable; without records it had been so before."""
        if records:
            self._span.set_attribute(_SEQ, tuple(record.entry.seq for record in records))
        self._end("done" if records else "unchanged")

    def refused(self, code: str, *, at_fault: bool) -> None:
        """Nothing came of it; `at_fault`: because of the server."""
        self._span.set_attribute(_REFUSAL, code)
        if at_fault:
            self._span.set_attribute(ERROR_TYPE, code)
            self._span.set_status(StatusCode.ERROR)
        self._end("refused")

    def _end(self, outcome: str) -> None:
        self._span.set_attribute(_OUTCOME, outcome)
        self._span.end(self._origin_ns + perf_counter_ns())

    def _step(self, name: str, ended_ns: int, attributes: dict[str, AttributeValue] | None = None) -> None:
        began_ns, self._since_ns = self._since_ns, ended_ns
        span = self._tracer.start_span(name, self._steps, attributes=attributes, start_time=self._origin_ns + began_ns)
        span.end(self._origin_ns + ended_ns)


class _Exporter(SpanExporter):
    """Says once that spans are lost, and once that they are taken again."""

    def __init__(self, within: SpanExporter) -> None:
        self._within = within
        self._lost = 0

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        result = self._within.export(spans)
        if result is not SpanExportResult.SUCCESS:
            self.lose(len(spans))
        elif self._lost:
            log.warning("The collector takes spans again; %d or more were lost", self._lost)
            self._lost = 0
        return result

    def lose(self, spans: int) -> None:
        """At least so many more are lost."""
        if self._lost == 0:
            log.warning("The collector does not take spans; they are lost, and nothing else is touched by it")
        self._lost += spans

    def shutdown(self) -> None:
        self._within.shutdown()


def _context_of(traceparent: str) -> Context:
    """The context of a span elsewhere; the root's where it cannot be read. What else a `tracestate` may say is not
    carried on: it would be sent with our spans, unseen."""
    return _PROPAGATOR.extract({"traceparent": traceparent}, _ROOT)
