"""I14. Every attempt of an act on many is answered exactly once.

done ⇔ its command is in the log, once; refused ⇔ it is not. An act that grants further attempts has given each
candidate as many as it was done for hers. After things are quiet nothing waits, and the counts are those of the
attempts.
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
        yield from _each(evidence, act) if act.granted is None else _granted(evidence, act, act.granted, is_quiet)
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


def _granted(evidence: Evidence, act: BulkAct, granted: dict[str, int], is_quiet: bool) -> Iterator[Violation]:
    """Before things are quiet an attempt may have been served, and wait for its answer."""
    owner = {attempt_id: log.end.user_id for attempt_id, log in evidence.logs.items()}
    done = Counter(owner[target.attempt_id] for target in act.targets if target.outcome == "done")
    for user_id in sorted({*done, *granted}):
        given = granted.get(user_id, 0)
        if given < done[user_id] or (is_quiet and given > done[user_id]):
            what = f"the act {act.bulk_id} was done for {done[user_id]} of her attempts, and has granted {given}"
            yield Violation("I14", f"{act.org_id} {user_id}", what)


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
