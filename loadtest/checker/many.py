"""I14. Every attempt of an act on many is answered exactly once.

done ⇔ its command is in the log, once; refused ⇔ it is not. After things are quiet nothing waits, and the counts are
those of the attempts.
"""

from collections import Counter
from collections.abc import Iterator

from loadtest.checker.database import BulkAct
from loadtest.checker.evidence import Evidence
from loadtest.checker.history import Quiet
from loadtest.checker.violations import Violation


def check(evidence: Evidence) -> Iterator[Violation]:
    is_quiet = any(evidence.of(Quiet))
    for act in evidence.acts:
        yield from _each(evidence, act)
        if is_quiet:
            yield from _is_over(act)


def _each(evidence: Evidence, act: BulkAct) -> Iterator[Violation]:
    for target in act.targets:
        log = evidence.logs.get(target.attempt_id)
        command_id = act.command_id(target.attempt_id)
        times = 0 if log is None else len(log.by_command.get(command_id, ()))
        where, name = target.attempt_id, f"the act {act.bulk_id}"
        if times > 1:
            yield Violation("I14", where, f"{name} is in the log {times} times")
        elif target.outcome == "done" and not times:
            yield Violation("I14", where, f"{name} is said to be done, and is not in the log")
        elif target.outcome == "refused" and times:
            yield Violation("I14", where, f"{name} is said to be refused, and is in the log")


def _is_over(act: BulkAct) -> Iterator[Violation]:
    where = f"{act.org_id} {act.bulk_id}"
    found = Counter(target.outcome for target in act.targets)
    if found[None]:
        yield Violation("I14", where, f"{found[None]} attempts were never answered")
    if not act.ended:
        yield Violation("I14", where, "it has not ended")
    said, counted = (act.total, act.done, act.refused), (len(act.targets), found["done"], found["refused"])
    if said != counted:
        yield Violation("I14", where, f"it counts {said} (all, done, refused), and its attempts are {counted}")
