"""I12. Nobody begins who may not, and nobody is found absent who might still come.

created(e) ⇒ she was enrolled, where the test asks for that. started(e) ⇒ staff had let her in before, where the test
has a waiting room, and she had agreed to the pictures that it requires. absent(e) ⇒ she had not begun, and the end of
her window had come. Of the attempts of one candidate at one test no more count than she may have,
by the rules and by what she was granted when the last of them was made.
"""

from collections import defaultdict
from collections.abc import Iterator
from math import inf
from typing import Any

from loadtest.checker.database import Record
from loadtest.checker.evidence import Evidence, Log
from loadtest.checker.granting import under
from loadtest.checker.history import Admission, Enrolment
from loadtest.checker.state import State
from loadtest.checker.violations import Violation

_NOT_ASKED = Admission()


def check(evidence: Evidence) -> Iterator[Violation]:
    tests = evidence.setup.tests
    for log in evidence.logs.values():
        rules = tests.get(log.attempt.test_id, _NOT_ASKED)
        for record, before in zip(log.records, log.states, strict=False):
            if record.kind == "started" and rules.waiting_room and not before.admitted:
                yield Violation("I12", log.attempt_id, f"record {record.seq}: she began, and nobody had let her in")
            if record.kind == "started" and _takes_unasked(record, before):
                what = f"record {record.seq}: she began, and had not agreed to the pictures that are required"
                yield Violation("I12", log.attempt_id, what)
            if record.kind == "absent" and record.at_ms < record.fact["at_ms"]:
                what = f"record {record.seq}: absent {record.fact['at_ms'] - record.at_ms} ms before the window closed"
                yield Violation("I12", log.attempt_id, what)
    yield from _limits(evidence)
    yield from _strangers(evidence)


def _takes_unasked(record: Record, before: State) -> bool:
    """Whether she began by herself without having agreed to just the pictures that the test requires."""
    asked = under(record.fact["terms"], before.granted).get("captures", ())
    return record.role == "candidate" and any(_is_open(one, before) for one in asked)


def _is_open(asked: dict[str, Any], before: State) -> bool:
    if asked["asks"] == "offered":
        return False
    said = before.agreements.get(asked["source"])
    if said is None or (said.every_ms, said.keep_days) != (asked["every_ms"], asked["keep_days"]):
        return True
    return said.says != "agreed" and (said.says, asked["asks"]) != ("unable", "if_able")


def _limits(evidence: Evidence) -> Iterator[Violation]:
    counted: dict[tuple[str, str, str], list[Log]] = defaultdict(list)
    for log in evidence.logs.values():
        if log.broken is None and _counts(log):
            counted[log.attempt.org_id, log.attempt.test_id, log.end.user_id].append(log)
    for (org_id, test_id, user_id), logs in sorted(counted.items()):
        most = evidence.setup.tests.get(test_id, _NOT_ASKED).max_attempts
        if most is None:
            continue
        most += max(log.states[1].granted.get("extra_attempts", 0) for log in logs)
        if len(logs) > most:
            what = f"{len(logs)} attempts count, and she may have {most}"
            yield Violation("I12", f"{org_id} {test_id} {user_id}", what)


def _strangers(evidence: Evidence) -> Iterator[Violation]:
    said: dict[tuple[str, str, str], list[Enrolment]] = defaultdict(list)
    for event in evidence.of(Enrolment):
        said[event.org_id, event.test_id, event.user_id].append(event)
    error_ms = evidence.setup.clock_error_ms
    for log in evidence.logs.values():
        rules = evidence.setup.tests.get(log.attempt.test_id, _NOT_ASKED)
        if not rules.enrolment or log.broken is not None:
            continue
        hers = said[log.attempt.org_id, log.attempt.test_id, log.end.user_id]
        made_ms = log.records[0].at_ms
        if not any(from_ms - error_ms <= made_ms <= until_ms + error_ms for from_ms, until_ms in _times(hers)):
            yield Violation("I12", log.attempt_id, "it was made, and she was not enrolled")


def _times(events: list[Enrolment]) -> Iterator[tuple[float, float]]:
    """From when until when she may have been enrolled."""
    from_ms: float | None = None
    for event in events:
        if event.enrolled and from_ms is None:
            from_ms = event.at_ms
        elif not event.enrolled and from_ms is not None:
            yield from_ms, event.at_ms
            from_ms = None
    if from_ms is not None:
        yield from_ms, inf


def _counts(log: Log) -> bool:
    state = log.end
    return state.status != "absent" and (state.status != "cancelled" or bool(state.counts))
