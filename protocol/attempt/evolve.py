"""The fold: the state after a record. It knows every fact, and gives the same state for the same records.

`evolve` does not judge: a record that is in the log has happened. `decide` sees to it that only allowed ones get there.
"""

from collections.abc import Iterable
from typing import Any

from msgspec.structs import replace

from protocol.attempt.acting import with_act
from protocol.attempt.digests import digest, with_digest
from protocol.attempt.facts import Created, Record
from protocol.attempt.kinds import KIND_OF
from protocol.attempt.model import Attempt, Status


def fold(records: Iterable[Record], attempt: Attempt | None = None) -> Attempt | None:
    """The state after `records`, which follow `attempt` (None: nothing yet)."""
    for record in records:
        attempt = evolve(attempt, record)
    return attempt


def evolve(attempt: Attempt | None, record: Record) -> Attempt:
    """The state after one more record, which must be number `seq + 1`."""
    entry = record.entry
    fact: Any = entry.fact
    kind = KIND_OF[type(fact)]
    if attempt is None:
        if kind.fact is not Created or entry.seq != 1:
            raise ValueError(f"record {entry.seq} cannot be the first of a log")
        return Attempt(seq=1, head=record.hash, status=Status.INITIATED, **kind.fold(None, record, fact))
    if kind.fact is Created:
        raise ValueError(f"record {entry.seq} creates an attempt that exists")
    if entry.seq != attempt.seq + 1:
        raise ValueError(f"record {entry.seq} does not follow record {attempt.seq}")
    changes = kind.fold(attempt, record, fact)
    if kind.target is not None:
        changes["status"] = kind.target
    if kind.numbered:
        if fact.n is not None:
            changes["last_n"] = fact.n
            changes["worked_ms"] = entry.at_ms
            changes["operations"] = attempt.operations + 1
            changes["digests"] = with_digest(attempt.digests, fact.n, fact)
    elif kind.commanded:
        if fact.command_id is not None:
            changes["commands"] = {**attempt.commands, fact.command_id: digest(fact)}
        acts = with_act(attempt.acts, entry)
        if acts is not None:
            changes["acts"] = acts
    return replace(attempt, seq=entry.seq, head=record.hash, **changes)
