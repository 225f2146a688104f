"""What clients believe, after every step: what each has made of its welcome and all that came after equals what a fresh
welcome would say.

A client may not know yet what another way has brought: another device, a service, a REST call of the same person. So an
answer counts if the welcome had it, or if the server has acknowledged it to this very client since. At the end of the
day, when everything has had its time, states and flags must be the log's newest, and every monitor must show what one
shows that has only just come.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from typing import Any, Final, NamedTuple

from loadtest.checker.evidence import Evidence, Log
from loadtest.checker.views import told
from loadtest.checker.violations import Violation
from protocol.messages.monitor import Row
from protocol.messages.state import AttemptState

_NODES_OWN: Final = ("tick", "last_seen_ms")
"""Of a row: what says when a node heard of somebody, which no two nodes say alike."""


class Picture(NamedTuple):
    """What one client believes of its attempt. `answers`: question → (number, value) as it believes the server holds
    them; `acked`: the numbers that were acknowledged to it since the welcome, whose log ended at `welcome_seq`."""

    who: str
    attempt_id: str
    state: AttemptState
    answers: Mapping[str, tuple[int, Any]]
    welcome_seq: int
    acked: frozenset[int]
    flagged: frozenset[str] | None = None
    """Nil: it does not say, or has flags on their way."""
    hopes: frozenset[str] = frozenset()
    """Of its state, what it shows before the server has said so."""


def check(pictures: Sequence[Picture], last: Iterable[Picture], evidence: Evidence) -> Iterator[Violation]:
    """`last`: of whoever was still connected when it was quiet."""
    logs = {attempt_id: _Answers(log) for attempt_id, log in evidence.logs.items() if log.broken is None}
    for picture in pictures:
        if picture.attempt_id in logs:
            yield from _as_of_its_records(picture, logs[picture.attempt_id])
    for picture in last:
        if picture.attempt_id in logs:
            yield from _as_of_the_end(picture, logs[picture.attempt_id].log)


class _Answers:
    """A log, and the answers in it."""

    def __init__(self, log: Log) -> None:
        self.log = log
        self._given = [
            (record.seq, record.fact["question_id"], record.fact["n"], record.fact["value"])
            for record in log.records
            if record.kind == "answered"
        ]

    def known_to(self, picture: Picture) -> dict[str, tuple[int, Any]]:
        """Question → the last answer that this client must know of."""
        return {
            question_id: (n, value)
            for seq, question_id, n, value in self._given
            if seq <= picture.welcome_seq or n in picture.acked
        }


def _as_of_its_records(picture: Picture, answers: _Answers) -> Iterator[Violation]:
    state = answers.log.at(picture.state.seq)
    if state is None or _but(told(state), picture.hopes) != _but(picture.state, picture.hopes):
        yield _wrong(picture, f"a state that is not the log's at {picture.state.seq}")
    # A welcome does not name an answer that was taken back.
    expected, believed = _given(answers.known_to(picture)), _given(picture.answers)
    if expected != believed:
        names = sorted(q for q in {*expected, *believed} if expected.get(q) != believed.get(q))
        first = names[0]
        yield _wrong(picture, f"{believed.get(first)} for {first}, where the log has {expected.get(first)} ({names})")


def _as_of_the_end(picture: Picture, log: Log) -> Iterator[Violation]:
    newest = told(log.end)
    if _but(newest, {"seq", "head"}) != _but(picture.state, {"seq", "head"}):
        differ = {
            name: (getattr(picture.state, name), getattr(newest, name))
            for name in AttemptState.__struct_fields__
            if getattr(picture.state, name) != getattr(newest, name)
        }
        yield _wrong(picture, f"at the end what is not the log's: {differ}")
    foreign = any(
        record.seq > picture.welcome_seq and record.kind == "flagged" and record.fact["n"] not in picture.acked
        for record in log.records
    )
    if picture.flagged is not None and not foreign and picture.flagged != frozenset(log.end.flagged):
        yield _wrong(picture, f"at the end the flags {sorted(picture.flagged)}, not {sorted(log.end.flagged)}")


def _given(answers: Mapping[str, tuple[int, Any]]) -> dict[str, tuple[int, Any]]:
    """In the words of a log, where pairs are lists."""
    return {question_id: (n, _listed(value)) for question_id, (n, value) in answers.items() if value is not None}


def _listed(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _listed(part) for name, part in value.items()}
    return [_listed(one) for one in value] if isinstance(value, list | tuple) else value


def _but(state: AttemptState, names: Set[str]) -> list[Any]:
    return [getattr(state, name) for name in state.__struct_fields__ if name not in names]


def _wrong(picture: Picture, what: str) -> Violation:
    return Violation("picture", picture.attempt_id, f"{picture.who} believes {what}")


def compare(who: str, shown: Mapping[str, Row], fresh: Mapping[str, Row]) -> Iterator[Violation]:
    """What a monitor shows, against one that has only just come."""
    for attempt_id in sorted({*shown, *fresh}):
        one, other = shown.get(attempt_id), fresh.get(attempt_id)
        if one is None or other is None:
            yield Violation("picture", attempt_id, f"{who} shows {one is not None}, a fresh one {other is not None}")
            continue
        names = [
            name
            for name in Row.__struct_fields__
            if name not in _NODES_OWN and getattr(one, name) != getattr(other, name)
        ]
        if names:
            differ = {name: (getattr(one, name), getattr(other, name)) for name in names}
            yield Violation("picture", attempt_id, f"{who} shows other than a fresh monitor: {differ}")
