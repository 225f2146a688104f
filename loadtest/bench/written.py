"""Logs of candidates who have sat until shortly before the end, written straight into the database of a crowded node.

One attempt is decided record by record. The others have the same facts at the same instants under an identity and a key
of their own, so that only their hashes are worked out anew: two million records take seconds and not minutes.
"""

from collections.abc import Sequence
from typing import Final

from msgspec.structs import replace

from loadtest.bench.exam import ORG, QUESTIONS, TEST, answer
from protocol.attempt.chain import seal, seed
from protocol.attempt.commands import AnyCommand, Connect, Create, Disconnect, Operate, Wake
from protocol.attempt.decide import create, decide
from protocol.attempt.evolve import evolve, fold
from protocol.attempt.facts import Created, Record
from protocol.attempt.model import Accommodation, Actor, Attempt, Identity, Role
from protocol.messages.operations import Start
from server.ids import new_id, new_key, new_seed
from server.papers import FormAtHand
from storage.database import Database
from storage.log.batch import Append, LogWriter, Newcomer, Outcome, make_rows
from storage.snapshots import Snapshots

_SERVICE: Final = Actor(Role.SERVICE, "service")
_TIMER: Final = Actor(Role.SYSTEM, "timer")
_AT_ONCE: Final = 50
"""Attempts in one transaction: some ten thousand records."""


class Written:
    """Writes attempts that began at `now_ms`; they are warned `left_ms` before the end, or not yet."""

    def __init__(self, form: FormAtHand, now_ms: int, left_ms: int | None) -> None:
        self._now_ms = now_ms
        self._records, self._state = _sit(form, now_ms, left_ms)

    async def write(self, database: Database, writer: LogWriter, user_ids: Sequence[str]) -> list[str]:
        """An attempt for each of these, with its snapshot. Returns their ids."""
        attempt_ids: list[str] = []
        for start in range(0, len(user_ids), _AT_ONCE):
            appends = [self._append(user_id) for user_id in user_ids[start : start + _AT_ONCE]]
            against = await writer.write(make_rows(database.dialect, appends, self._now_ms))
            assert not against, "nobody else writes these logs"
            await Snapshots(database).save([append.states[-1] for append in appends], self._now_ms)
            attempt_ids += [append.attempt_id for append in appends]
        return attempt_ids

    def _append(self, user_id: str) -> Append:
        candidate = Actor(Role.CANDIDATE, user_id)
        identity = replace(self._state.identity, attempt_id=new_id(), user_id=user_id)
        own_seed, key = new_seed(), new_key()
        head = seed(identity.attempt_id)
        records: list[Record] = []
        for like in self._records:
            entry = like.entry
            fact = Created(identity, own_seed, Accommodation()) if isinstance(entry.fact, Created) else entry.fact
            by = candidate if entry.role is Role.CANDIDATE else Actor(entry.role, entry.by)
            record = seal(head, key, entry.seq, entry.at_ms, by, fact)
            head = record.hash
            records.append(record)
        state = replace(self._state, identity=identity, seed=own_seed, key=key, head=head)
        newcomer = Newcomer(user_id)
        return Append(identity.attempt_id, tuple(records), (state,) * len(records), None, newcomer, _nobody_waits)


def _sit(form: FormAtHand, now_ms: int, left_ms: int | None) -> tuple[list[Record], Attempt]:
    candidate, connection = Actor(Role.CANDIDATE, "candidate"), "connection"
    identity = Identity(new_id(), ORG, None, TEST, None, candidate.id, 1)
    records = list(create(Create(_SERVICE, identity, new_seed(), Accommodation(), new_key()), now_ms))
    attempt = evolve(None, records[0])
    sheet = form.sheet(attempt)

    def carry_out(command: AnyCommand, at_ms: int) -> None:
        nonlocal attempt
        decision = decide(attempt, command, at_ms, sheet)
        assert isinstance(decision, tuple), decision
        for record in decision:
            attempt = evolve(attempt, record)
            records.append(record)

    carry_out(Connect(candidate, connection, "bench/1", "an earlier one", 1, takeover=True), now_ms)
    carry_out(Operate(candidate, connection, Start(1, None, 0)), now_ms)
    for position in range(QUESTIONS):
        carry_out(Operate(candidate, connection, answer(position + 2, position)), now_ms)
    deadline_ms = attempt.test_clock.deadline_ms
    assert deadline_ms is not None, "the exam has a time limit"
    left_at_ms = now_ms + 1
    if left_ms is not None:
        left_at_ms = deadline_ms - left_ms
        carry_out(Wake(_TIMER), left_at_ms)
    carry_out(Disconnect(candidate, connection, left_at_ms), left_at_ms)
    assert fold(records) == attempt, "what was decided is what is read"
    return records, attempt


def _nobody_waits(outcome: Outcome) -> None:
    """No live attempt has asked for it."""
