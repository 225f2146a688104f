"""The journal's input and output: appends, their outcomes, and the rows of one transaction."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

import msgspec

from protocol.attempt.events import event_of
from protocol.attempt.facts import Connected, Created, Record
from protocol.attempt.kinds import KIND_OF
from protocol.attempt.model import Attempt
from protocol.events.presence import returned
from protocol.limits import AWAY_AFTER_MS
from protocol.rules.admission import Earlier
from storage import projection
from storage.earlier import Person, other_than
from storage.statements import KEEP_MARKING, Row, key_of


class Newcomer(msgspec.Struct, frozen=True):
    """Goes with the first record of an attempt: the candidate's name as the monitor shows it."""

    display_name: str


class Committed(msgspec.Struct, frozen=True):
    """The records are durable. `at_ms` is the journal's clock after COMMIT returned."""

    at_ms: int


class Rejected(msgspec.Struct, frozen=True):
    """The records are not in the log, or, with the reason `unknown`, may or may not be.

    fenced: the log goes on differently from what was assumed, or a record before these was rejected
    late: the instant after which it must not be committed had come when the transaction began
    unknown: the connection was lost in COMMIT, and the log tells what has become of it; or the journal was closed
        while the database was away
    attempt_exists: the candidate's other attempts are not those any more on which it was decided
    unstorable: the database refuses the values themselves (a NUL in a name); trying again is no use
    In every case the owner reads the log again and decides anew.
    """

    reason: str


Outcome = Committed | Rejected


class Append(msgspec.Struct):
    """Records of one attempt that are to be committed together.

    `states` holds the state right after each record. If the journal's clock has reached `not_after_ms` when the
    transaction begins, the append is rejected: what waited too long is decided anew. `newcomer` goes with the record
    `created`, and only with it. `on_outcome` is called once, on the event loop. `others` are all other attempts of the
    candidate at the test, by number, where it was decided on them: an append that has an attempt open, or open again,
    is rejected if they have changed since. None: it does not depend on them. `patient`: it may wait for
    a moment.
    """

    attempt_id: str
    records: tuple[Record, ...]
    states: tuple[Attempt, ...]
    not_after_ms: int | None
    newcomer: Newcomer | None
    on_outcome: Callable[[Outcome], None]
    others: tuple[Earlier, ...] | None = None
    patient: bool = False


class Precondition(msgspec.Struct, frozen=True):
    """What must hold in the transaction that has an attempt open: the person's other attempts at the test are these,
    and none has its number."""

    attempt_id: str
    attempt_number: int
    person: Person
    others: tuple[Earlier, ...]


class Rows(msgspec.Struct):
    """One transaction, as rows for the statements of the same name."""

    now_ms: int
    log: list[Row]
    keys: list[Row]
    created: list[Row]
    updated: list[Row]
    outbox: list[Row]
    preconditions: list[Precondition]


class NotWritten(Exception):
    """Nothing was committed, for a reason that may pass."""


class OutcomeUnknown(Exception):
    """The transaction may or may not have been committed."""


class Unstorable(Exception):
    """Nothing was committed: the database refuses the values themselves."""


class LogWriter(Protocol):
    """How one kind of database writes a transaction. The rest of the journal is the same for both."""

    async def hashes(self, positions: Sequence[tuple[str, int]]) -> dict[tuple[str, int], bytes]:
        """(attempt, seq) → hash, for the records that are in the log. Raises `NotWritten`."""

    async def write(self, rows: Rows) -> dict[str, str]:
        """Commits `rows` and returns {}. Where attempts can't be written it commits nothing and returns {attempt:
        reason}. Raises `NotWritten`, `OutcomeUnknown` and `Unstorable`."""

    async def outlast(self) -> None:
        """Returns when the transaction with the unknown outcome can't commit any more: what is read afterwards stays
        true. Raises `NotWritten` as long as it might."""

    async def close(self) -> None:
        """Lets go of the connection."""


def make_rows(dialect: str, appends: Iterable[Append], now_ms: int, away_after_ms: int = AWAY_AFTER_MS) -> Rows:
    """The rows of `appends`, in their order. Who was without a connection for `away_after_ms` was so for long."""
    log: list[Row] = []
    outbox: list[Row] = []
    newest: dict[str, Attempt] = {}
    marking: dict[str, int | None] = {}
    created: dict[str, Append] = {}
    preconditions: list[Precondition] = []
    for append in appends:
        attempt_id = append.attempt_id
        key = key_of(dialect, attempt_id)
        if append.others is not None:
            preconditions.append(_precondition(append.states[0], append.others))
        for record, state in zip(append.records, append.states, strict=True):
            entry = record.entry
            kind = KIND_OF[type(entry.fact)]
            log.append(
                (
                    key,
                    entry.seq,
                    entry.at_ms,
                    kind.tag,
                    entry.role._value_,
                    record.digest,
                    record.body,
                    record.hash,
                    now_ms,
                )
            )
            if kind.hot:
                continue
            told = returned(state, record, away_after_ms) if kind.fact is Connected else event_of(state, record)
            if told is not None:
                outbox.append((key, entry.seq, told.topic, told.at_ms, told.payload.decode()))
            if not kind.projected:
                continue
            newest[attempt_id] = state
            if kind.fact is Created:
                created[attempt_id] = append
            due = projection.marking_value(kind, entry.seq)
            if due != KEEP_MARKING:
                marking[attempt_id] = due
    rows = Rows(now_ms, log, [], [], [], outbox, preconditions)
    for attempt_id, state in newest.items():
        key = key_of(dialect, attempt_id)
        values: tuple[Any, ...] = projection.state_values(state)
        making = created.get(attempt_id)
        if making is not None and making.newcomer is not None:
            who = projection.who_values(state, making.newcomer.display_name)
            rows.keys.append((key, state.key))
            rows.created.append((key, *who, *values, marking.get(attempt_id)))
        else:
            rows.updated.append((key, *values, marking.get(attempt_id, KEEP_MARKING)))
    return rows


def _precondition(state: Attempt, others: tuple[Earlier, ...]) -> Precondition:
    identity = state.identity
    person = Person(identity.org_id, identity.test_id, identity.user_id)
    return Precondition(identity.attempt_id, identity.attempt_number, person, others)


def judge(preconditions: Iterable[Precondition], found: Mapping[Person, Sequence[Earlier]]) -> dict[str, str]:
    """attempt → reason, of those that can't be open. `found` has the attempts of each person as they are now."""
    refused: dict[str, str] = {}
    first: dict[Person, str] = {}
    for one in preconditions:
        others = other_than(one.attempt_id, found.get(one.person, ()))
        is_first = first.setdefault(one.person, one.attempt_id) == one.attempt_id
        if not is_first or others != one.others:
            refused[one.attempt_id] = "attempt_exists"
    return refused
