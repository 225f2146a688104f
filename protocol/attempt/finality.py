"""Which decisions a node may act on although its copy of the attempt may be old, and for how long.

Records are safe: the log takes a record only if it follows the newest one. A refusal, or the answer "already done", is
not written. So a node that has an old copy may give it only if no later record could change it.

Records may have to wait for the log. An answer that waited past the closing is not written any more. Neither is a start
of the clock, nor the collecting of a paper, that waited too long: it would have counted before anybody was told.
"""

from typing import Final, assert_never

from protocol.attempt.commands import (
    AnyCommand,
    Assess,
    Begin,
    Connect,
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
from protocol.attempt.decisions.sections import closing_of
from protocol.attempt.facts import Moved, Record, Resumed
from protocol.attempt.kinds import ASKED, KIND_OF, KINDS
from protocol.attempt.model import Attempt
from protocol.codes import Code
from protocol.errors import Refusal
from protocol.messages.operations import Answer, Submit
from protocol.rules.rights import Act

START_PATIENCE_MS: Final = 5_000
"""How long a record that starts a clock may wait for the log: longer than a healthy database takes, and short for an
exam."""

_FOR_GOOD: Final = frozenset(
    {
        # The request itself is wrong.
        Code.FORBIDDEN,
        Code.UNKNOWN_QUESTION,
        Code.UNKNOWN_SECTION,
        Code.WRONG_ANSWER_TYPE,
        Code.UNKNOWN_OPTION,
        Code.TOO_MANY_CHOICES,
        Code.ANSWER_TOO_LONG,
        Code.WRONG_MARKUP,
        Code.REASON_REQUIRED,
        Code.WRONG_MARK,
        # A record says so, and records stay.
        Code.NUMBER_REUSED,
        Code.NUMBER_SKIPPED,
        Code.COMMAND_REUSED,
    }
)

_AFTER_CLOSING: Final = frozenset(kind.asked for kind in KINDS if kind.late and kind.act is Act.SIT)
"""As `decide` has it: these are accepted after the closing too, while she may still hand in."""


def holds(attempt: Attempt, command: AnyCommand, decision: tuple[Record, ...] | Refusal) -> bool:
    """Whether `decision`, taken on `attempt`, would be the same on every later state."""
    if isinstance(decision, Refusal):
        # Of a device's connects the greatest is known. What connection is in force only the whole log can say.
        return decision.code in _FOR_GOOD or (decision.code is Code.SUPERSEDED and isinstance(command, Connect))
    if decision:
        return True
    match command:
        case HandIn() | Begin() | Connect() | HandLate():
            # It may have been reopened on another node: this copy does not know.
            return False
        case Operate():
            return command.operation.n <= attempt.last_n
        case Disconnect() | Steer() | Grant() | Wake() | MarkByHand() | Regrade() | DecideLate() | Assess():
            return True
        case _:
            assert_never(command)


def takes_newest_test(command: AnyCommand) -> bool:
    """Whether the newest rules of the test decide on it before the start. When the system wakes it is they that say who
    was absent."""
    match command:
        case Begin() | Wake():
            return True
        case Operate():
            return ASKED[type(command.operation)].by_newest_test
        case Steer():
            return ASKED[type(command.order)].by_newest_test
        case HandIn() | HandLate() | Connect() | Disconnect():
            return False
        case Grant() | MarkByHand() | Regrade() | DecideLate() | Assess():
            return False
        case _:
            assert_never(command)


def not_after_ms(
    attempt: Attempt,
    command: AnyCommand,
    records: tuple[Record, ...],
    *,
    again: bool = False,
    give_up_ms: int | None = None,
) -> int | None:
    """From this instant on, `records` are decided anew instead of written; None: they may be written at any time.

    `again`: they were decided anew once already. Then a start is written however long it waits: a log that stays slow
    would put it off for ever. From `give_up_ms` on nobody waits for the command.
    """
    closes_ms = _closes_at_ms(attempt, command)
    if give_up_ms is not None:
        closes_ms = give_up_ms if closes_ms is None else min(closes_ms, give_up_ms)
    if not again:
        for record in records:
            # Few kinds are: asked here, to save a call for each answer.
            if KIND_OF[type(record.entry.fact)].may_be_prompt and _is_prompt(attempt, record):
                patience_ms = records[0].entry.at_ms + START_PATIENCE_MS
                return patience_ms if closes_ms is None else min(patience_ms, closes_ms)
    return closes_ms


def _closes_at_ms(attempt: Attempt, command: AnyCommand) -> int | None:
    """When the clocks close that govern what the candidate asks for; None: none does, or somebody else asks."""
    if not isinstance(command, Operate):
        return attempt.ends_at_ms if isinstance(command, HandIn) else None
    clocks, operation = attempt.clocks, command.operation
    kind = type(operation)
    if kind is Submit:
        return attempt.ends_at_ms
    if kind in _AFTER_CLOSING:
        return None
    # Only the test's clock is not `of` anything.
    if len(clocks) == 1 and clocks[0].of is None:
        return attempt.closes_at_ms
    return closing_of(attempt, operation.question_id if isinstance(operation, Answer) else None)


def _is_prompt(attempt: Attempt, record: Record) -> bool:
    """Whether the record counts from its own instant: it starts a clock. The end of a pause budget lies where it
    lies."""
    entry = record.entry
    fact = entry.fact
    kind = KIND_OF[type(fact)]
    if kind.fact is Moved:
        return attempt.limits_questions
    return kind.prompt and not (isinstance(fact, Resumed) and fact.at_ms != entry.at_ms)
