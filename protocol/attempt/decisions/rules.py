"""What all decisions have in common: what the table allows, what is too late, and how records are made."""

from typing import Final

import msgspec

from protocol import limits
from protocol.attempt.chain import seal
from protocol.attempt.commands import DecideLate, MarkByHand, Regrade
from protocol.attempt.digests import digest
from protocol.attempt.evolve import evolve
from protocol.attempt.facts import Fact, Record
from protocol.attempt.kind import Kind
from protocol.attempt.kinds import KIND_OF
from protocol.attempt.model import Actor, Attempt, Status
from protocol.codes import PAPER_COLLECTED, Code
from protocol.errors import Refusal, refuse
from protocol.messages.staff import StaffCommand

Decision = tuple[Record, ...] | Refusal


class AskLog(msgspec.Struct, frozen=True):
    """Only the log can tell what the client number `n` was used for: decide again with `Operate.logged`."""

    n: int


class AskCandidacy(msgspec.Struct, frozen=True):
    """Whether the attempt may be open again depends on the candidate's other attempts: decide again with
    `Steer.candidacy`."""


ALREADY: Final[tuple[Record, ...]] = ()
"""It was carried out before."""


def barred(attempt: Attempt, kind: Kind, now_ms: int) -> Refusal | None:
    """Why this kind of fact can't happen to the attempt now; None: the table and the clock allow it."""
    status = attempt.status
    if status in kind.origins:
        if kind.late:
            return None
        until_ms = attempt.closes_at_ms if kind.of_paper else attempt.ends_at_ms
        return refuse(Code.DEADLINE_PASSED) if until_ms is not None and now_ms >= until_ms else None
    code = kind.refusals.get(status, _ELSE.get(status))
    return ended(attempt) if code is None else refuse(code)


_ELSE: Final = {Status.INITIATED: Code.NOT_STARTED, Status.PAUSED: Code.PAUSED}
"""Status → the refusal where the row of the kind has none. Of an ended attempt it says how it ended."""


def ended(attempt: Attempt) -> Refusal | None:
    """What is refused once the attempt has ended, by how it ended; None before."""
    match attempt.ended_as:
        case Status.SUBMITTED:
            return refuse(Code.ALREADY_SUBMITTED)
        case Status.EXPIRED:
            return refuse(Code.DEADLINE_PASSED, None if attempt.end_said is None else PAPER_COLLECTED)
        case Status.CANCELLED:
            return refuse(Code.CANCELLED)
        case Status.ABSENT:
            return refuse(Code.ABSENT)
        case Status.ABANDONED:
            return refuse(Code.ABANDONED)
        case _:
            return None


def is_late(attempt: Attempt, now_ms: int) -> bool:
    """Half-open: a fact received at exactly `closes_at_ms` is late."""
    closes_at_ms = attempt.closes_at_ms
    return closes_at_ms is not None and now_ms >= closes_at_ms


def is_collected(attempt: Attempt) -> Refusal | None:
    """Refused while a paper is being collected: nothing moves its deadline any more."""
    return refuse(Code.COLLECTED) if attempt.collected else None


def next_record(attempt: Attempt, by: Actor, now_ms: int, fact: Fact) -> Record:
    """The record that adds `fact` to the log. What the table forbids is a fault of ours, and raises."""
    kind = KIND_OF[type(fact)]
    assert attempt.status in kind.origins, f"no {kind.tag} from {attempt.status}"
    assert by.role in kind.by, f"no {kind.tag} by {by.role}"
    return seal(attempt.head, attempt.key, attempt.seq + 1, now_ms, by, fact)


def next_records(attempt: Attempt, by: Actor, now_ms: int, *facts: Fact) -> tuple[Record, ...]:
    """The records that add `facts`, each to the state after the one before."""
    records: list[Record] = []
    for fact in facts:
        record = next_record(attempt, by, now_ms, fact)
        attempt = evolve(attempt, record)
        records.append(record)
    return tuple(records)


def repeated(attempt: Attempt, command: StaffCommand | MarkByHand | Regrade | DecideLate) -> Decision:
    """The answer to a staff command whose id the log knows."""
    return ALREADY if attempt.commands[command.command_id] == digest(command) else refuse(Code.COMMAND_REUSED)


def too_many_commands(attempt: Attempt, kind: Kind) -> Refusal | None:
    """Refused once the attempt has had all the staff commands that it can keep, unless `kind` is always accepted."""
    if kind.always or len(attempt.commands) < limits.MAX_STAFF_COMMANDS:
        return None
    return refuse(
        Code.TOO_MANY_OPERATIONS,
        "This attempt has had as many commands as it can keep; only resume, end, cancel, reinstate, reopen and a"
        " further device are still possible.",
    )
