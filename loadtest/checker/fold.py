"""An independent fold of the log: the state after each record, as far as candidates and monitors see it.

Written from PROTOCOL.md and the names of the facts, not from the server's fold: where the two disagree, one is wrong.
"""

from msgspec.structs import replace

from loadtest.checker.database import Record
from loadtest.checker.kinds import KINDS, LATER, STRANGE
from loadtest.checker.state import State


def fold(records: list[Record]) -> list[State]:
    """The state after each record; the one before the first is at index 0. Raises `KeyError` for a strange fact."""
    states = [State()]
    for record in records:
        states.append(step(states[-1], record))
    return states


def step(state: State, record: Record) -> State:
    """The state after one more record."""
    row = STRANGE if record.kind in LATER else KINDS[record.kind]
    changes = row.step(state, record, record.fact)
    n = record.fact.get("n")
    if n is not None:
        changes |= {"last_n": n, "worked_ms": record.at_ms}
    if row.act and record.role not in ("candidate", "system") and not record.fact.get("connection_lost"):
        changes["act"] = (record.kind, record.at_ms, record.fact.get(row.gives or ""))
    return replace(state, seq=record.seq, head=record.hash, **changes)
