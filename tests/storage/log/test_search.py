"""Operations are found in the log by their numbers, on both databases."""

import pytest
from sqlalchemy import delete, update

from protocol.attempt.chain import BrokenChain
from protocol.attempt.commands import Begin, Connect, Disconnect, Operate
from protocol.attempt.facts import Answered, Moved
from protocol.messages.operations import Answer, Progress
from storage.attempts import Attempts
from storage.database import Database
from storage.log.journal import Journal
from storage.schema import attempt_log
from tests.storage.making import CANDIDATE, CONTENT, Owner, new_identity

_QUESTION = CONTENT.questions[0].question_id


async def long_log(journal: Journal, numbers: list[int]) -> Owner:
    """Every third operation is a move; now and then the candidate comes back, and once ten times in a row."""
    owner = Owner(new_identity())
    appends = 2
    assert journal.submit(owner.made())
    assert journal.submit(owner.asked(Begin(CANDIDATE, 0)))
    for at, n in enumerate(numbers):
        if not at % 40:
            for _ in range(10 if at == 80 else 1):
                come_again(journal, owner)
                appends += 2
        operation = Progress(n, at % 2, 0) if not at % 3 else Answer(n, _QUESTION, None, None, 0)
        assert journal.submit(owner.asked(Operate(CANDIDATE, None, operation)))
        appends += 1
        if not at % 50:
            await owner.heard(appends)
    await owner.heard(appends)
    return owner


def come_again(journal: Journal, owner: Owner) -> None:
    name = f"c{owner.attempt.seq}"
    connect = Connect(CANDIDATE, name, "t", "d", owner.attempt.seq + 1, takeover=True)
    for command in (connect, Disconnect(CANDIDATE, name, owner.now_ms)):
        assert journal.submit(owner.asked(command))


async def test_every_number_is_found_or_known_to_be_skipped(journal: Journal, attempts: Attempts) -> None:
    numbers = [*range(1, 100), *range(200, 500, 7), 2**53 - 1]
    owner = await long_log(journal, numbers)
    used = set(numbers)
    for n in (1, 2, 79, 80, 81, 99, 100, 150, 199, 200, 201, 207, 499, 2**53 - 2, 2**53 - 1):
        found = await attempts.operations(owner.id, [n], owner.attempt.seq)
        assert list(found) == [n]
        fact = found[n]
        assert (fact is not None) == (n in used), n
        if fact is not None:
            assert isinstance(fact, Answered | Moved)
            assert fact.n == n


async def test_many_at_once_are_found_in_one_stretch_and_the_others_later(journal: Journal, attempts: Attempts) -> None:
    owner = await long_log(journal, [*range(1, 300)])
    asked = set(range(1, 300, 2))
    rounds = 0
    found: dict[int, object] = {}
    while asked:
        part = await attempts.operations(owner.id, asked, owner.attempt.seq)
        assert min(asked) in part, "each round answers the smallest, so it comes to an end"
        found |= part
        asked -= part.keys()
        rounds += 1
    assert found.keys() == set(range(1, 300, 2))
    assert None not in found.values()
    assert rounds == 4, "each reads up to 127 records more"


async def test_what_is_found_is_verified(journal: Journal, attempts: Attempts, database: Database) -> None:
    owner = await long_log(journal, [*range(1, 20)])
    other = (await attempts.records(owner.id))[11].body
    change = update(attempt_log).where(attempt_log.c.attempt_id == owner.id, attempt_log.c.seq == 11)
    await database.write(lambda connection: connection.execute(change.values(body=other)))
    with pytest.raises(BrokenChain):
        await attempts.operations(owner.id, [3], owner.attempt.seq)
    gone = delete(attempt_log).where(attempt_log.c.attempt_id == owner.id, attempt_log.c.seq == 11)
    await database.write(lambda connection: connection.execute(gone))
    with pytest.raises(BrokenChain):
        await attempts.operations(owner.id, [3], owner.attempt.seq)


async def test_a_log_that_is_not_there_has_no_operations(attempts: Attempts) -> None:
    assert await attempts.operations("01890000-0000-7000-8000-000000000000", [5], 9) == {5: None}
