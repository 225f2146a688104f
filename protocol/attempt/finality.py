"""Which decisions hold on an old copy of an attempt, whatever else may be in its log by now.

Records need no such care: the log takes them only where they follow its own last one. A refusal, or the word that
something is so already, is told without being written, so whoever tells it must know that it is true.
"""

from typing import Final

from protocol.attempt.commands import AnyCommand, Begin, HandIn, Operate
from protocol.attempt.facts import Record
from protocol.attempt.model import Attempt
from protocol.codes import Code
from protocol.errors import Refusal

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
