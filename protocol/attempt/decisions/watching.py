"""What is noticed while a test is sat, and what follows: a warning, an alert, a pause."""

from typing import Final

from protocol.attempt.commands import Operate
from protocol.attempt.decisions.rules import Decision, is_late, next_record
from protocol.attempt.evolve import evolve
from protocol.attempt.facts import Alerted, Answered, ConsentGiven, Fact, Observed, Paused, Record
from protocol.attempt.model import SITTING, Actor, Attempt, Role, Status, Terms
from protocol.attempt.visits import read_visits
from protocol.codes import Code
from protocol.errors import refuse
from protocol.integrity.captures import WITHDRAWN, said_of
from protocol.integrity.noticed import NONE, has_own_room, has_room, may_alert
from protocol.integrity.signals import PAGE_SIGNALS, ServerSignal, Signal
from protocol.integrity.speed import SETTLED_MS, jumped, least_reading_ms, text_chars
from protocol.integrity.watches import NOTHING_FOLLOWS, Follows, follows, watch_for
from protocol.messages.operations import Observe
from protocol.paper import PaperQuestion

_SYSTEM: Final = Actor(Role.SYSTEM, "integrity")
_TOO_MANY: Final = "More was noticed than is kept of one attempt, or of one minute."


def observe(attempt: Attempt, command: Operate, operation: Observe, now_ms: int) -> Decision:
    """The page has noticed something."""
    watch = watch_for(attempt.pinned.watches, operation.signal)
    if watch is None or watch.signal not in PAGE_SIGNALS:
        return refuse(Code.NOT_WATCHED)
    if not has_room(attempt.observations, now_ms):
        return refuse(Code.TOO_MANY_OPERATIONS, _TOO_MANY)
    signal, count = watch.signal, operation.count
    then = _follows(attempt, signal, count, now_ms)
    fact = Observed(operation.n, signal, count, operation.size, operation.client_at_ms, then.warned)
    record = next_record(attempt, command.by, now_ms, fact)
    return (record, *_consequences(evolve(attempt, record), signal, then, now_ms))


def beside_answer(
    attempt: Attempt, answer: Record, fact: Answered, question: PaperQuestion, now_ms: int
) -> tuple[Record, ...]:
    """The records of an answer, with what its times say."""
    found: list[tuple[ServerSignal, int]] = []
    grown = _jump(attempt, fact, question, now_ms)
    if grown is not None:
        found.append(("text_jumped", grown))
    took_ms = _took_too_little(attempt, fact, question, now_ms)
    if took_ms is not None:
        found.append(("rapid_answer", took_ms))
    return noticed_here(evolve(attempt, answer), (answer,), found, now_ms) if found else (answer,)


def beside_consent(before: Attempt, said: Record, fact: ConsentGiven, now_ms: int) -> tuple[Record, ...]:
    """The record of what she says of a source, with what it means that she no longer agrees."""
    attempt, was = evolve(before, said), said_of(before.consents, fact.source)
    took_back = was is not None and was.says == "agreed" and fact.says != "agreed"
    if not took_back or attempt.status not in SITTING:
        return (said,)
    return noticed_here(attempt, (said,), [(WITHDRAWN[fact.source], 0)], now_ms)


def beside_connect(
    before: Attempt, records: tuple[Record, ...], device: str, address: str, now_ms: int
) -> tuple[Record, ...]:
    """The records of a connect, with what has changed since the one before. Before the start nothing is noticed."""
    attempt = before
    for record in records:
        attempt = evolve(attempt, record)
    if attempt.terms is None or not attempt.terms.watches:
        return records
    found: list[tuple[ServerSignal, int]] = []
    if before.device not in (None, device):
        found.append(("device_changed", 0))
    if before.address not in ("", address):
        found.append(("address_changed", 0))
    return noticed_here(attempt, records, found, now_ms)


def noticed_here(
    attempt: Attempt, records: tuple[Record, ...], found: list[tuple[ServerSignal, int]], now_ms: int
) -> tuple[Record, ...]:
    """`records`, and what the server has noticed besides: (signal, size). `attempt` is the state after them. What has
    no room any more is left out."""
    for signal, size in found:
        if not _is_watched(attempt.terms, signal) or not has_own_room(attempt.observations, signal):
            continue
        then = _follows(attempt, signal, 1, now_ms)
        fact = Observed(None, signal, 1, size, None, then.warned)
        record = next_record(attempt, _SYSTEM, now_ms, fact)
        attempt = evolve(attempt, record)
        more = _consequences(attempt, signal, then, now_ms)
        for one in more:
            attempt = evolve(attempt, one)
        records = (*records, record, *more)
    return records


def _is_watched(terms: Terms | None, signal: Signal) -> bool:
    return terms is not None and watch_for(terms.watches, signal) is not None


def _follows(attempt: Attempt, signal: Signal, more: int, now_ms: int) -> Follows:
    """Nothing follows from what comes while the clock stands, after the closing, or while the paper is collected."""
    watch = watch_for(attempt.pinned.watches, signal)
    if watch is None or attempt.status is not Status.IN_PROGRESS or is_late(attempt, now_ms) or attempt.collected:
        return NOTHING_FOLLOWS
    times = (attempt.observations or NONE).of(signal).count + more
    return follows(watch, times, more)


def _consequences(attempt: Attempt, signal: Signal, then: Follows, now_ms: int) -> tuple[Record, ...]:
    """What follows from the newest record, after which `attempt` is so."""
    noticed = (attempt.observations or NONE).of(signal)
    facts: list[Fact] = []
    if then.alerted and (then.paused or may_alert(noticed, now_ms)):
        facts.append(Alerted(signal, noticed.count, noticed.size))
    if then.paused:
        facts.append(Paused(now_ms, False, None, f"noticed: {signal}", signal))
    records: list[Record] = []
    for fact in facts:
        record = next_record(attempt, _SYSTEM, now_ms, fact)
        attempt = evolve(attempt, record)
        records.append(record)
    return tuple(records)


def _jump(attempt: Attempt, fact: Answered, question: PaperQuestion, now_ms: int) -> int | None:
    """By how many characters an answer has grown that grew too fast; None: it did not."""
    saved = attempt.answers.get(fact.question_id)
    since_ms = (attempt.started_at_ms or 0) if saved is None else saved.at_ms
    before = 0 if saved is None else text_chars(question, saved.value)
    grown = text_chars(question, fact.value) - before
    return grown if jumped(grown, now_ms - since_ms) else None


def _took_too_little(attempt: Attempt, fact: Answered, question: PaperQuestion, now_ms: int) -> int | None:
    """In how many milliseconds a question was answered for the first time, if nobody reads as fast. None: it took
    longer, or nobody can tell: what waited on a device comes in all at once."""
    if fact.value is None or fact.question_id in attempt.answers:
        return None
    index = attempt.question_index
    if attempt.laid.question_at(index).question_id != fact.question_id:
        return None
    came_ms = next((at_ms for at, at_ms in read_visits(attempt.visits) if at == index), None)
    if came_ms is None or came_ms < (attempt.contact_ms or 0) + SETTLED_MS:
        return None
    took_ms = now_ms - came_ms
    return took_ms if 0 < took_ms < least_reading_ms(question) else None
