"""Optional traces: a span for each command on an attempt, sent to an OpenTelemetry collector.

This file imports nothing of OpenTelemetry; `spans.py` does, and is imported only if an endpoint is set. Without one a
node's tracing is None, and costs a command a few comparisons.
"""

from collections.abc import Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from protocol.attempt.facts import Record
from server.clock import Clock

if TYPE_CHECKING:
    from server.tracing.spans import Trace, Tracing

_NEEDED: Final = ("opentelemetry.sdk.trace", "opentelemetry.exporter.otlp.proto.http.trace_exporter")


def check_collector(url: str) -> None:
    """Raises `ValueError` where it is no address of a collector, or where the packages of the extra `tracing` are
    missing."""
    try:
        parts = urlsplit(url)
        known = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
        known = known and not parts.query and not parts.fragment
    except ValueError:
        known = False
    if not known:
        raise ValueError("must be the address of an OTLP/HTTP collector, such as http://127.0.0.1:4318")
    try:
        if all(find_spec(name) is not None for name in _NEEDED):
            return
    except ModuleNotFoundError:
        pass  # a package that one of them is in
    raise ValueError("needs packages that are not installed: install those of requirements-tracing.lock")


def start_tracing(endpoint: str, node: str, clock: Clock) -> "Tracing | None":
    """The traces of one node, by its clock; None where `endpoint` is empty."""
    if not endpoint:
        return None
    from server.tracing.spans import Tracing

    return Tracing(endpoint, node, clock)


def traceparents(traces: "Sequence[tuple[Sequence[Record], Trace]]", told: Sequence[Record]) -> tuple[str, ...]:
    """Which commands brought what is told: the W3C `traceparent` of each, by the records that it brought."""
    if not traces:
        return ()
    seqs = {record.entry.seq for record in told}
    return tuple(
        trace.traceparent for records, trace in traces if not seqs.isdisjoint(record.entry.seq for record in records)
    )
