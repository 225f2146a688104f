"""An OpenTelemetry collector that accepts OTLP over HTTP as a real one does, and keeps the spans."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
from aiohttp import web
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span as SpanMessage


class Span(msgspec.Struct):
    """One span as it was sent. Ids in hexadecimal, times in nanoseconds since the epoch."""

    name: str
    kind: str
    trace_id: str
    span_id: str
    parent_id: str
    began_ns: int
    ended_ns: int
    status: str
    attributes: dict[str, Any]
    resource: dict[str, Any]


class Collector:
    """`answer` is the status of every reply."""

    def __init__(self) -> None:
        self.url = ""
        self.answer = 200
        self.bodies: list[bytes] = []
        self.spans: list[Span] = []
        self.refused = 0
        """Spans that it refused."""

    async def take(self, request: web.Request) -> web.Response:
        assert request.content_type == "application/x-protobuf"
        body = await request.read()
        self.bodies.append(body)
        spans = _read(body)
        if self.answer == 200:
            self.spans += spans
        else:
            self.refused += len(spans)
        return web.Response(status=self.answer)

    def named(self, name: str) -> list[Span]:
        return [span for span in self.spans if span.name == name]

    def one(self, name: str) -> Span:
        """The only span of this name."""
        (span,) = self.named(name)
        return span

    def steps(self, span: Span) -> list[Span]:
        """Its children, in the order of their beginnings."""
        children = [child for child in self.spans if child.parent_id == span.span_id]
        assert all(child.trace_id == span.trace_id for child in children)
        return sorted(children, key=lambda child: child.began_ns)


@asynccontextmanager
async def collecting() -> AsyncIterator[Collector]:
    """A collector on a port of its own."""
    collector = Collector()
    app = web.Application()
    app.router.add_post("/v1/traces", collector.take)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        collector.url = f"http://{host}:{port}"
        yield collector
    finally:
        await runner.cleanup()


def _read(body: bytes) -> list[Span]:
    return [
        _span(span, _plain(group.resource.attributes))
        for group in ExportTraceServiceRequest.FromString(body).resource_spans
        for scope in group.scope_spans
        for span in scope.spans
    ]


def _span(span: SpanMessage, resource: dict[str, Any]) -> Span:
    return Span(
        name=span.name,
        kind=SpanMessage.SpanKind.Name(span.kind).removeprefix("SPAN_KIND_").lower(),
        trace_id=span.trace_id.hex(),
        span_id=span.span_id.hex(),
        parent_id=span.parent_span_id.hex(),
        began_ns=span.start_time_unix_nano,
        ended_ns=span.end_time_unix_nano,
        status=type(span.status).StatusCode.Name(span.status.code).removeprefix("STATUS_CODE_").lower(),
        attributes=_plain(span.attributes),
        resource=resource,
    )


def _plain(attributes: Any) -> dict[str, Any]:
    pairs: list[KeyValue] = list(attributes)
    return {pair.key: _value(pair.value) for pair in pairs}


def _value(value: AnyValue) -> Any:
    kind = value.WhichOneof("value")
    assert kind is not None
    return [_value(one) for one in value.array_value.values] if kind == "array_value" else getattr(value, kind)
