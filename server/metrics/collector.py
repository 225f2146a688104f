"""Formats a node's numbers for Prometheus, each time they are scraped.

Labels come from tables of ours (kinds, codes, statuses): never a person, an organisation, a test or an attempt.
"""

import platform
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from protocol.attempt.model import Status
from protocol.codes import Code
from protocol.since import SPEAKS
from server.metrics.histogram import Histogram
from server.metrics.tally import ALL_KINDS, kind_name
from server.node import Node
from server.relay import Measured

PREFIX: Final = "pencilsdown_"


def make_registry(node: Node, version: str) -> CollectorRegistry:
    """The registry of one node; there is no global one."""
    registry = CollectorRegistry()
    registry.register(NodeCollector(node, version))
    ProcessCollector(registry=registry)
    return registry


class NodeCollector(Collector):
    """Reads a node."""

    def __init__(self, node: Node, version: str) -> None:
        self._node = node
        self._version = version

    def describe(self) -> Iterable[Metric]:
        """Nothing: the registry need not ask the node for it before it serves."""
        return []

    def collect(self) -> Iterator[Metric]:
        yield from self._connections()
        yield from self._commands()
        yield from self._journal()
        yield from self._time()
        yield from self._relay()
        yield from self._by_itself()
        yield self._caches()

    def _connections(self) -> Iterator[Metric]:
        node = self._node
        build = GaugeMetricFamily(PREFIX + "build_info", "What runs here.", labels=("version", "python"))
        build.add_metric((self._version, platform.python_version()), 1)
        yield build
        sessions = node.connections.all
        kinds = Counter({"candidate": 0, "instructor": 0})
        kinds.update(session.kind for session in sessions)
        yield _gauges("connected_sockets", "Open sockets.", "kind", kinds)
        statuses = Counter({status.value: 0 for status in Status})
        statuses.update(live.committed.status.value for live in node.registry.all())
        yield _gauges("live_attempts", "Attempts in this node's memory.", "status", statuses)
        yield _gauge("sitting", "Attempts whose candidate is connected here.", node.capacity.sitting)
        yield _gauge("sitting_max", "How many may sit here at once.", node.capacity.most)
        yield _gauge("overloaded", "1 while new admissions are put off.", node.capacity.overloaded)
        yield _counter("put_off", "Admissions that were put off because of overload.", node.tally.put_off)
        yield _counters("paced", "Waits for a budget that was spent.", "budget", node.tally.paced)
        yield _gauge("strangers_waiting", "Requests without a token that wait for their turn.", node.strangers.waiting)
        yield _gauge("half_open_sockets", "Sockets that have not said hello.", node.strangers.half_open)
        yield _gauge("budgets", "People whose budgets are not full.", len(node.budgets))
        yield _gauge("draining", "1 while the node is leaving.", node.draining)
        yield _gauge(
            "clock_off_seconds", "How far the clock is from the database's, at least.", node.clock.off_ms / 1000
        )
        waiting = max((session.out.waiting for session in sessions), default=0)
        yield _gauge("outbound_messages_max", "Messages that wait for the slowest socket.", waiting)

    def _commands(self) -> Iterator[Metric]:
        commands = CounterMetricFamily(
            PREFIX + "commands", "Commands that have their answer.", labels=("kind", "outcome")
        )
        # Export every series from the start: Prometheus sees no increase when a new series begins at 1.
        for outcome, kinds in self._node.tally.commands.items():
            for kind in ALL_KINDS:
                commands.add_metric((kind_name(kind), outcome), kinds.get(kind, 0))
        yield commands
        refusals = {code.value: self._node.tally.refusals.get(code, 0) for code in Code}
        yield _counters("refusals", "Refusals that clients were told.", "code", refusals)
        yield _histogram(
            "ack_seconds",
            "From the receipt of an operation until its ack is handed to the socket.",
            self._node.tally.ack_s,
        )

    def _journal(self) -> Iterator[Metric]:
        node = self._node
        journal, tally = node.journal, node.tally
        stats = journal.stats
        yield _histogram("commit_records", "Records in one commit.", tally.commit_records)
        yield _histogram("commit_seconds", "How long one commit took.", tally.commit_s)
        yield _gauge("journal_queue_records", "Records that wait for their commit.", journal.queued)
        yield _gauge(
            "database_available", "1 while the database can be read and written.", node.health.database_available
        )
        rejected = {"fenced": stats.conflicts, "late": stats.late, "unknown": stats.unknown}
        yield _counters("journal_rejected", "Appends that were not written.", "reason", rejected)
        yield _counter("journal_retries", "Commits that were tried again.", stats.retries)
        yield _counter("reloads", "Attempts whose log was read again.", tally.reloads)
        yield _gauge("speaks_version", "The newest version of log and wire that this node knows.", SPEAKS)
        yield _gauge("fleet_version", "The newest one that all nodes on the database know.", node.fleet.version)
        yield _gauge("newer_logs", "Attempts that this node leaves to newer ones.", len(node.registry.newer))

    def _time(self) -> Iterator[Metric]:
        tally = self._node.tally
        yield _histogram("timer_late_seconds", "How late the timers of attempts came.", tally.timer_late_s)
        yield _histogram("loop_lag_seconds", "How late the event loop was.", tally.loop_lag_s)

    def _relay(self) -> Iterator[Metric]:
        relay = self._node.relay
        yield _gauge("relay_healthy", "1 while messages pass between nodes.", relay.healthy)
        if isinstance(relay, Measured):
            yield _gauge("relay_lag_seconds", "How long the newest probe of the relay has taken.", relay.lag_s)
            yield _gauge("relay_queue_messages", "Messages that wait to be sent to other nodes.", relay.waiting)
            yield _counters(
                "relay_dropped", "Messages that were forged or replayed, or took too long.", "reason", relay.dropped
            )

    def _caches(self) -> Metric:
        node = self._node
        uses = CounterMetricFamily(
            PREFIX + "cache_uses", "How often a cache had what it was asked for.", labels=("cache", "outcome")
        )
        for name, counted in (("papers", node.papers.uses), ("media", node.media_cache.uses)):
            uses.add_metric((name, "hit"), counted.hits)
            uses.add_metric((name, "miss"), counted.misses)
        return uses

    def _by_itself(self) -> Iterator[Metric]:
        node, tally = self._node, self._node.tally
        keys = node.tokens.keys
        if keys is not None:
            yield _gauge("provider_keys_age_seconds", "Since the identity provider confirmed its keys.", keys.age_s)
            yield _counter("provider_keys_failures", "Fetches of its keys that failed.", keys.failures)
        yield _counter("expired", "Attempts closed because their time was up.", tally.expired)
        yield _counter("swept", "Overdue attempts that the sweeper found.", tally.swept)
        yield _counter("superseded", "Connections replaced by newer ones.", tally.superseded)
        yield _counter("marked", "Attempts that went through marking.", tally.marked)
        yield _counter("marking_failures", "Markings that failed and are tried again.", tally.marking_failures)
        yield _gauge("marking_queue", "Attempts that wait to be marked.", node.marker.waiting)
        yield _counters("deliveries", "Tries to deliver an event.", "outcome", tally.deliveries)
        standing = node.courier.standing
        yield _gauge("deliveries_waiting", "Events that wait to be delivered, at all nodes.", standing.waiting)
        yield _gauge("deliveries_dead", "Deliveries that were given up and wait to be replayed.", standing.dead)
        yield _gauge("deliveries_oldest_seconds", "How long the oldest one waits.", node.courier.oldest_s)
        yield _counter("snapshots", "Snapshots taken.", tally.snapshots)
        yield _gauge("snapshots_due", "Attempts that have changed since their snapshot.", len(node.snapshotter))


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(PREFIX + name, text, value=float(value))


def _gauges(name: str, text: str, label: str, values: Mapping[str, int]) -> Metric:
    family = GaugeMetricFamily(PREFIX + name, text, labels=(label,))
    for value, number in values.items():
        family.add_metric((value,), number)
    return family


def _counter(name: str, text: str, value: float) -> Metric:
    return CounterMetricFamily(PREFIX + name, text, value=float(value))


def _counters(name: str, text: str, label: str, values: Mapping[str, int]) -> Metric:
    family = CounterMetricFamily(PREFIX + name, text, labels=(label,))
    for value, number in values.items():
        family.add_metric((value,), number)
    return family


def _histogram(name: str, text: str, histogram: Histogram) -> Metric:
    family = HistogramMetricFamily(PREFIX + name, text)
    family.add_metric((), histogram.buckets(), histogram.total)
    return family
