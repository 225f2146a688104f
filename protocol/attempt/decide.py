"""Decides on commands: returns the records that a command brings about, or a refusal. It changes nothing.

An empty tuple means that the command was carried out before (a repetition): it is answered as if it had just been
carried out. The caller journals the records before it tells anybody. `AskLog` and `AskCandidacy` mean that the state is
not enough. A `Wake` that is due is run before anything else.
"""

from collections.abc import Iterable
from typing import Any, assert_never

from protocol.attempt.chain import seal, seed
from protocol.attempt.commands import (
    AnyCommand,
    Assess,
    Begin,
    Connect,
    Create,
    DecideLate,
    Disconnect,
    Grant,
    HandIn,
    HandLate,
    MarkByHand,
    Operate,
    Regrade,
    Steer,
    Wake,
)
from protocol.attempt.decisions import candidate, connections, late, marking, staff, system, terms
from protocol.attempt.decisions.rules import AskCandidacy, AskLog, Decision
from protocol.attempt.facts import Created, Record
from protocol.attempt.kinds import KIND_OF
from protocol.attempt.model import Attempt
from protocol.attempt.rights import may_command
from protocol.attempt.sheet import Sheet, terms_in_force
from protocol.codes import Code
from protocol.errors import refuse
from protocol.since import SPEAKS, needs

Decided = Decision | AskLog | AskCandidacy


def create(command: Create, now_ms: int) -> tuple[Record]:
    """The first record of a log. Whether the candidate may have another attempt was decided before."""
    identity = command.identity
    fact = Created(identity, command.seed, command.accommodation)
    return (seal(seed(identity.attempt_id), command.key, 1, now_ms, command.by, fact),)


def readable_by(version: int, records: Iterable[Record]) -> bool:
    """Whether nodes that speak this version of the fleet know all that `records` say."""
    facts: list[Any] = [record.entry.fact for record in records]
    return all(KIND_OF[type(fact)].since <= version and needs(fact) <= version for fact in facts)


def decide(attempt: Attempt, command: AnyCommand, now_ms: int, sheet: Sheet, fleet: int = SPEAKS) -> Decided:
    """The records that `command` brings about at `now_ms`, or why not; or what must be read first to tell. `sheet` is
    what the attempt is sat under: the pinned one, and before the start the newest. `fleet` is the version that all
    nodes speak: nothing is written that one of them could not read."""
    decision = _decide(attempt, command, now_ms, sheet)
    if fleet < SPEAKS and isinstance(decision, tuple) and not readable_by(fleet, decision):
        return refuse(Code.UPGRADE_UNDER_WAY)
    return decision


def _decide(attempt: Attempt, command: AnyCommand, now_ms: int, sheet: Sheet) -> Decided:
    if attempt.erased:
        return refuse(Code.ERASED)
    if not may_command(command):
        return refuse(Code.FORBIDDEN)
    match command:
        case Operate():
            return candidate.operate(attempt, command, now_ms, sheet)
        case Begin():
            return candidate.begin(attempt, command, now_ms, sheet)
        case HandIn():
            return candidate.hand_in(attempt, command, now_ms)
        case Connect():
            return connections.connect(attempt, command, now_ms, terms_in_force(attempt, sheet))
        case Disconnect():
            return connections.disconnect(attempt, command, now_ms)
        case Steer():
            return staff.steer(attempt, command, now_ms, sheet)
        case Grant():
            return terms.grant(attempt, command, now_ms)
        case Wake():
            return system.wake(attempt, command, now_ms, sheet)
        case MarkByHand():
            return marking.mark_by_hand(attempt, command, now_ms, sheet)
        case Regrade():
            return marking.regrade(attempt, command, now_ms)
        case HandLate():
            return late.receive(attempt, command, now_ms, sheet)
        case DecideLate():
            return late.decide_late(attempt, command, now_ms)
        case Assess():
            return marking.assess(attempt, command, now_ms)
        case _:
            assert_never(command)
