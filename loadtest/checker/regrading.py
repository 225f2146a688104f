"""I15. Marks change by a record alone, and no version of them is lost.

A regrade is in a log once. Every attempt that had its marks when it was asked for, and keeps its end until it is over,
has it, unless these keys mark it already. Versions of a result are numbered without a gap; each is marked by the keys
that held at its record, and every mark that the log tells of has its version. What a person has marked stays, unless
the answer changed.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Final

from loadtest.checker.database import Regrade, ResultVersion
from loadtest.checker.evidence import Evidence, Log
from loadtest.checker.history import Quiet
from loadtest.checker.violations import Violation

_UNENDED: Final = frozenset({"reopened", "cancelled"})


def check(evidence: Evidence) -> Iterator[Violation]:
    is_quiet = any(evidence.of(Quiet))
    for log in evidence.logs.values():
        if log.broken is not None:
            continue
        yield from _once(log)
        if log.attempt.versions is not None:
            for what in _versions(log, log.attempt.versions):
                yield Violation("I15", log.attempt_id, what)
    for regrade in evidence.regrades:
        if is_quiet and regrade.ended_at_ms is None:
            yield Violation("I15", f"{regrade.org_id} {regrade.regrade_id}", "the regrade has not ended")
        elif regrade.ended_at_ms is not None:
            yield from _left_out(evidence, regrade, regrade.ended_at_ms)


def _once(log: Log) -> Iterator[Violation]:
    found = Counter(record.fact["command_id"] for record in log.records if record.kind == "regraded")
    for command_id, times in found.items():
        if times > 1:
            yield Violation("I15", log.attempt_id, f"the regrade of command {command_id} is in the log {times} times")


def _left_out(evidence: Evidence, regrade: Regrade, ended_at_ms: int) -> Iterator[Violation]:
    for log in evidence.logs.values():
        if (log.attempt.org_id, log.attempt.test_id) != (regrade.org_id, regrade.test_id):
            continue
        completed = [
            one for one in log.records if one.kind == "completed" and one.written_at_ms < regrade.created_at_ms
        ]
        if not completed or any(one.fact.get("command_id") == regrade.command_id for one in log.records):
            continue
        later = [one for one in log.records[completed[-1].seq :] if one.at_ms <= ended_at_ms]
        if any(one.kind in _UNENDED for one in later):
            continue
        # Where these keys mark it already there is nothing to write.
        before = sum(one.written_at_ms < regrade.created_at_ms for one in log.records)
        if regrade.key_version not in {
            _key_version(log, seq) for seq in range(before, later[-1].seq + 1 if later else before + 1)
        }:
            yield Violation("I15", log.attempt_id, f"the regrade {regrade.regrade_id} has left it out")


def _versions(log: Log, versions: list[ResultVersion]) -> Iterator[str]:
    if [one.version for one in versions] != list(range(1, len(versions) + 1)):
        yield f"the versions of its result are {[one.version for one in versions]}"
    for one in versions:
        key_version = _key_version(log, one.seq)
        if one.key_version != key_version:
            yield f"version {one.version} of its result is marked by the keys {one.key_version}, not {key_version}"
        yield from _hand_marks(log, one)
    scores = {(one.score_mpt, one.max_mpt) for one in versions}
    for record in log.records:
        marks = (record.fact.get("score_mpt"), record.fact.get("max_mpt"))
        if record.kind in ("assessed", "completed") and marks not in scores:
            yield f"record {record.seq} ({record.kind}) has the marks {marks}, and no version of its result has"


def _key_version(log: Log, seq: int) -> int:
    found = 0
    for record in log.records[:seq]:
        if record.kind == "started":
            found = record.fact["test_version"]
        elif record.kind == "regraded":
            found = record.fact["key_version"]
    return found


def _hand_marks(log: Log, version: ResultVersion) -> Iterator[str]:
    held: dict[str, int] = {}
    for record in log.records[: version.seq]:
        question_id = record.fact.get("question_id")
        if record.kind == "hand_marked":
            held[str(question_id)] = record.fact["score_mpt"]
        elif record.kind == "answered":
            held.pop(str(question_id), None)
    for question_id, score_mpt in held.items():
        if version.by_hand.get(question_id) != score_mpt:
            yield f"version {version.version} of its result lacks the mark that a person gave for {question_id}"
