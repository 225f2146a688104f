"""Attempts that have been over for long, and what looks at them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from protocol.attempt.commands import Begin, HandIn
from protocol.attempt.facts import AnyFact, Completed
from protocol.rest.results import Result
from protocol.rules.retention import DAY_MS
from storage.archives.choosing import Choosing
from storage.archives.moving import Moved, Mover, prune_logs
from storage.archives.names import Form
from storage.audit import BY_OPERATOR
from storage.claims import Claims
from storage.database import Database
from storage.log.journal import Journal, Rejected
from storage.log.verify import Verdict, verify_log
from storage.outbox import Outbox
from storage.results import Results
from storage.snapshots import Snapshots
from tests.storage.making import CANDIDATE, NOW, ORG, TEST, Owner, new_identity

LATER: Final = NOW + 100 * DAY_MS
SECRET: Final = "canary of an answer"


async def over(
    database: Database, journal: Journal, *more: AnyFact, user_id: str | None = None, now_ms: int = NOW
) -> Owner:
    """An attempt that was marked, and of which nothing is due; `more` came after its marks."""
    owner = Owner(new_identity(user_id=user_id), now_ms=now_ms)
    steps = [
        owner.made(),
        owner.asked(Begin(CANDIDATE, 0)),
        owner.answered("essay", SECRET),
        owner.asked(HandIn(CANDIDATE, 0)),
        owner.stated(Completed(500, 1_000), *more),
    ]
    for step in steps:
        assert journal.submit(step)
    outcomes = await owner.heard(len(steps))
    assert not any(isinstance(outcome, Rejected) for outcome in outcomes), outcomes
    await Snapshots(database).save([owner.attempt], NOW)
    result = Result(
        attempt_id=owner.id,
        test_id=TEST,
        test_version=1,
        user_id=owner.identity.user_id,
        status="completed",
        reference=None,
        complete=True,
        score_mpt=500,
        max_mpt=1_000,
        awaiting_marks=0,
        marks=[],
    )
    await Results(database).save([(result, owner.attempt.seq)], NOW)
    await Claims(database).marking_done([(owner.id, owner.attempt.seq)])
    await taken_over(database)
    return owner


async def taken_over(database: Database) -> None:
    """No event waits."""
    outbox = Outbox(database)
    await outbox.delivered([event.event_id for event in await outbox.pending(1_000)])


async def nothing(attempt_ids: Sequence[str]) -> None:
    """Folds nothing for reports."""


async def pruned(
    database: Database, folder: Path, now_ms: int = LATER, days: int = 30, form: Form = "lines"
) -> list[Moved]:
    """What moving all logs that are older than so many days has done."""
    return await prune_logs(
        Mover(database, folder, BY_OPERATOR, form),
        Choosing(database),
        nothing,
        org_id=ORG,
        before_ms=now_ms - days * DAY_MS,
        now_ms=now_ms,
    )


async def verdicts(database: Database) -> dict[str, Verdict]:
    return {verdict[0]: verdict async for verdict in verify_log(database)}
