"""I11. Things come back, and nothing grows without bound.

After healing, and whenever every connection is cut at one moment, at least 99 % of those who want to are connected
within the window that was announced to each of them; every gauge stays within its bound throughout, but for
the lag of a loop whose process was stopped. As far as the history has the figures. And nobody sends one and the same
operation again and again without a pause.
"""

from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from loadtest.checker.evidence import Evidence
from loadtest.checker.history import (
    Connected,
    Event,
    Gauge,
    Healed,
    Left,
    Lost,
    Quiet,
    Relief,
    Scattered,
    Sent,
    SentAway,
    Trouble,
    Watching,
)
from loadtest.checker.violations import Violation

BACK_PERCENT: Final = 99
LOOP_LAG: Final = "loop lag ms"
_FOREVER: Final = 2**62
_MOST_SENT: Final = 100
_SENT_WITHIN_MS: Final = 10_000
"""One operation leaves no more often than that in this time. Whoever backs off sends it four times a second at most."""
_LOOK_MS: Final = 3_000
"""The next look at a node's figures, which tells of a lag that is over, comes so much later at most."""


class Returns(NamedTuple):
    """`back`: who had no connection → after how many milliseconds she had one; `missing`: who has none at the end;
    `wanted`: how many wanted one."""

    back: dict[str, int]
    missing: list[str]
    wanted: int


def check(evidence: Evidence) -> Iterator[Violation]:
    yield from _bounds(evidence)
    yield from _storms(evidence)
    for event in evidence.history:
        match event:
            case Healed():
                yield from _all_back(evidence.history, event, evidence.setup.back_ms)
            case Scattered():
                yield from _all_back(evidence.history, event, evidence.setup.return_ms)
            case _:
                pass


def _storms(evidence: Evidence) -> Iterator[Violation]:
    sent: dict[str, deque[int]] = defaultdict(lambda: deque(maxlen=_MOST_SENT + 1))
    told: set[str] = set()
    for event in evidence.of(Sent):
        times = sent[event.op]
        times.append(event.at_ms)
        if len(times) > _MOST_SENT and event.at_ms - times[0] <= _SENT_WITHIN_MS and event.op not in told:
            told.add(event.op)
            yield Violation("I11", event.who, f"{event.op} was sent {_MOST_SENT + 1} times within {_SENT_WITHIN_MS} ms")


def returns(history: Sequence[Event], since: Healed | Scattered, within_ms: int) -> Returns:
    """What became of everybody who was away at that instant, or lost her connection later, in the time given. Whoever
    is told when to come back has as long from then on; who has left for good is not among them. The next time that all
    are cut off, or the end, may come before."""
    until_ms = since.at_ms + within_ms
    away: set[str] = set()
    there: set[str] = set()
    back: dict[str, int] = {}
    due_ms: dict[str, int] = {}
    begun = False
    end_ms = _FOREVER
    for event in history:
        if begun and isinstance(event, Quiet | Scattered):
            end_ms = event.at_ms
            break
        match event:
            case Connected() | Watching(online=True) if event.who in away:
                if not begun:
                    away.discard(event.who)
                    there.add(event.who)
                elif event.at_ms <= due_ms.get(event.who, until_ms):
                    away.discard(event.who)
                    there.add(event.who)
                    back[event.who] = event.at_ms - since.at_ms
            case Connected() | Watching(online=True):
                there.add(event.who)
            case Lost() | Watching(online=False) if event.at_ms <= until_ms:
                there.discard(event.who)
                away.add(event.who)
                back.pop(event.who, None)
            case SentAway() if begun:
                due_ms[event.who] = max(until_ms, event.at_ms + event.after_ms + within_ms)
            case Left():
                there.discard(event.who)
                away.discard(event.who)
            case _ if event is since:
                begun = True
                if isinstance(since, Scattered):
                    away |= there
                    there.clear()
            case _:
                pass
    # For a few clients we cannot know whether they would have been in time.
    missing = sorted(who for who in away if due_ms.get(who, until_ms) <= max(until_ms, end_ms))
    return Returns(back, missing, len(away) + len(there))


def _all_back(history: Sequence[Event], since: Healed | Scattered, within_ms: int) -> Iterator[Violation]:
    found = returns(history, since, within_ms)
    # In a small group nobody may be missing; in a large one, one in a hundred.
    if len(found.missing) * 100 > found.wanted * (100 - BACK_PERCENT):
        what = "healing" if isinstance(since, Healed) else "all were cut off"
        yield Violation(
            "I11",
            "clients",
            f"{len(found.missing)} of {found.wanted} are not back {within_ms} ms after {what}: {found.missing[:5]}",
        )


def _bounds(evidence: Evidence) -> Iterator[Violation]:
    worst: dict[tuple[str, str], int] = {}
    stopped = _stopped(evidence)
    for event in evidence.of(Gauge):
        bound = evidence.setup.bounds.get(event.name)
        if bound is None or event.value <= bound:
            continue
        if event.name == LOOP_LAG and any(a <= event.at_ms <= b for a, b in stopped[event.who]):
            continue
        key = (event.who, event.name)
        worst[key] = max(worst.get(key, 0), event.value)
    for (who, name), value in sorted(worst.items()):
        yield Violation("I11", who, f"{name} reached {value}, and {evidence.setup.bounds[name]} is its bound")


def _stopped(evidence: Evidence) -> dict[str, list[tuple[int, int]]]:
    """Node → the times in which its process could do nothing, until they have been told."""
    begun: dict[str, Trouble] = {}
    found: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for event in evidence.history:
        match event:
            case Trouble(kind="stall"):
                begun[event.what] = event
            case Relief(kind="stall") if event.what in begun:
                trouble = begun.pop(event.what)
                found[trouble.node].append((trouble.at_ms, event.at_ms + _LOOK_MS))
            case _:
                pass
    return found
