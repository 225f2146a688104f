"""I12. Nobody begins who may not, and nobody is found absent who might still come.

started(e) ⇒ staff had let her in before, where the test has a waiting room. absent(e) ⇒ she had not begun, and the end
of her window had come. Of the attempts of one candidate at one test no more count than she may have.
"""

from collections import Counter
from collections.abc import Iterator

from loadtest.checker.evidence import Evidence, Log
from loadtest.checker.history import Admission
from loadtest.checker.violations import Violation

_NOT_ASKED = Admission()


def check(evidence: Evidence) -> Iterator[Violation]:
    tests = evidence.setup.tests
    for log in evidence.logs.values():
        rules = tests.get(log.attempt.test_id, _NOT_ASKED)
        for record, before in zip(log.records, log.states, strict=False):
            if record.kind == "started" and rules.waiting_room and not before.admitted:
                yield Violation("I12", log.attempt_id, f"record {record.seq}: she began, and nobody had let her in")
            if record.kind == "absent" and record.at_ms < record.fact["at_ms"]:
                what = f"record {record.seq}: absent {record.fact['at_ms'] - record.at_ms} ms before the window closed"
                yield Violation("I12", log.attempt_id, what)
    yield from _limits(evidence)


def _limits(evidence: Evidence) -> Iterator[Violation]:
    counted: Counter[tuple[str, str, str]] = Counter()
    for log in evidence.logs.values():
        if log.broken is None and _counts(log):
            counted[log.attempt.org_id, log.attempt.test_id, log.end.user_id] += 1
    for (org_id, test_id, user_id), count in sorted(counted.items()):
        most = evidence.setup.tests.get(test_id, _NOT_ASKED).max_attempts
        if most is not None and count > most:
            yield Violation("I12", f"{org_id} {test_id} {user_id}", f"{count} attempts count, and she may have {most}")


def _counts(log: Log) -> bool:
    state = log.end
    return state.status != "absent" and (state.status != "cancelled" or bool(state.counts))
