"""Which decisions hold on an old copy of an attempt, whatever else may be in its log by now; and for how long.

Records need no such care about copies: the log takes them only where they follow its own last one. A refusal, or the
word that something is so already, is told without being written, so whoever tells it must know that it is true.

Records may have to wait for the log, though. An answer must not come in after the closing for that, and a clock must
not have run before anybody could be told that it runs.
"""

from typing import Final

from protocol.attempt.commands import AnyCommand, Begin, HandIn, Operate
from protocol.attempt.facts import Record, Reopened, Resumed, Started
from protocol.attempt.model import Attempt
from protocol.codes import Code
from protocol.errors import Refusal

START_PATIENCE_MS: Final = 5_000
"""How long what starts a clock may wait for the log. Longer than any healthy database takes, and little of a clock."""

_FOR_GOOD: Final = frozenset(
    {
        # wrong by itself
        Code.FORBIDDEN,
        Code.UNKNOWN_QUESTION,
        Code.WRONG_ANSWER_TYPE,
        Code.UNKNOWN_OPTION,
        Code.ANSWER_TOO_LONG,
        Code.REASON_REQUIRED,
        Code.WRONG_MARK,
        # a record says so, and records stay
        Code.NUMBER_REUSED,
        Code.NUMBER_SKIPPED,
        Code.COMMAND_REUSED,
        Code.CANCELLED,
        Code.SUPERSEDED,
    }
)


def holds(attempt: Attempt, command: AnyCommand, decision: tuple[Record, ...] | Refusal) -> bool:
    """Whether `decision`, taken on `attempt`, is the same on every later state of it."""
    if isinstance(decision, Refusal):
        return decision.code in _FOR_GOOD
    if decision:
        return True
    match command:
        case HandIn() | Begin():
            # Reopened elsewhere it has not been handed in, whatever this copy says.
            return False
        case Operate():
            return command.operation.n <= attempt.last_n
        case _:
            return True


def not_after_ms(
    attempt: Attempt, command: AnyCommand, records: tuple[Record, ...], *, again: bool = False
) -> int | None:
    """The instant from which `records`, decided on `attempt`, must not be written any more, but decided anew; None:
    they may be written whenever that can be done. `again`: they were decided anew already, so that a log that is always
    slow does not put off a start for ever."""
    if not again and any(_starts_a_clock(record) for record in records):
        return records[0].entry.at_ms + START_PATIENCE_MS
    return attempt.closes_at_ms if isinstance(command, Operate | HandIn) else None


def _starts_a_clock(record: Record) -> bool:
    """From its own instant on: a pause budget has its end whenever that is written."""
    fact = record.entry.fact
    return isinstance(fact, Started | Reopened) or (isinstance(fact, Resumed) and fact.at_ms == record.entry.at_ms)
