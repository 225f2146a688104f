"""I11. Things come back, and nothing grows without bound.

After healing at least 99 % of the clients that want to are connected within the window that was announced; every
gauge stays within its bound throughout. As far as the history has the figures.
"""

from collections.abc import Iterator
from typing import Final

from loadtest.checker.evidence import Evidence
from loadtest.checker.history import Connected, Gauge, Healed, Left, Lost
from loadtest.checker.violations import Violation

BACK_PERCENT: Final = 99


def check(evidence: Evidence) -> Iterator[Violation]:
    yield from _bounds(evidence)
    healed = next(evidence.of(Healed), None)
    if healed is None:
        return
    away: set[str] = set()
    wanted: set[str] = set()
    until_ms = healed.at_ms + evidence.setup.back_ms
    for event in evidence.history:
        if event.at_ms > until_ms:
            break
        match event:
            case Lost():
                away.add(event.who)
                wanted.add(event.who)
            case Connected():
                away.discard(event.who)
                wanted.add(event.who)
            case Left():
                away.discard(event.who)
                wanted.discard(event.who)
            case _:
                pass
    # Of a handful nobody may be missing; one in a hundred may.
    if len(away) * 100 > len(wanted) * (100 - BACK_PERCENT):
        yield Violation(
            "I11",
            "clients",
            f"{len(away)} of {len(wanted)} are not back {evidence.setup.back_ms} ms after healing: {sorted(away)[:5]}",
        )


def _bounds(evidence: Evidence) -> Iterator[Violation]:
    worst: dict[tuple[str, str], int] = {}
    for event in evidence.of(Gauge):
        bound = evidence.setup.bounds.get(event.name)
        if bound is not None and event.value > bound:
            key = (event.who, event.name)
            worst[key] = max(worst.get(key, 0), event.value)
    for (who, name), value in sorted(worst.items()):
        yield Violation("I11", who, f"{name} reached {value}, and {evidence.setup.bounds[name]} is its bound")
