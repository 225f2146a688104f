"""What the nodes tell staff over REST when a day is over, to be held against the database."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from clients.python.errors import Refused
from clients.python.rest import Rest
from loadtest.checker import Database, Violation
from loadtest.checker.database import Attempt, Record
from loadtest.drill.office import Office
from protocol.codes import Code
from protocol.messages.state import AttemptState

_LOG_PAGE = 40


class ToldOfAttempt(NamedTuple):
    """A node's view of one attempt: its state and answers, (number, hash) of its records, and (number, keys, score) of
    the versions of its result."""

    state: AttemptState
    answers: dict[str, Any]
    log: list[tuple[int, str]]
    versions: list[tuple[int, int | None, int]]


class ToldOfWork(NamedTuple):
    """A node's view of what an office has given: act → attempt → outcome, and regrade → status."""

    org: str
    acts: dict[str, dict[str, str]]
    regrades: dict[str, str]


async def ask_about(attempt_id: str, service: Rest) -> ToldOfAttempt:
    """Raises what a call over REST raises."""
    status = await service.status(attempt_id)
    answers = await service.answers(attempt_id)
    log: list[tuple[int, str]] = []
    after: int | None = 0
    while after is not None:
        page = await service.log(attempt_id, after=after, limit=_LOG_PAGE)
        log += [(entry.seq, entry.hash) for entry in page.entries]
        after = page.next
    results = await service.result_versions(attempt_id)
    versions = [(one.version, one.key_version, one.score_mpt) for one in results.versions]
    return ToldOfAttempt(status.state, {saved.question_id: saved.value for saved in answers.answers}, log, versions)


async def ask_about_work(office: Office, service: Rest) -> ToldOfWork:
    """Of what is not there it knows nothing. Raises what a call over REST raises."""
    acts = {bulk_id: await _outcomes(bulk_id, service) for bulk_id in office.acts}
    regrades = {regrade_id: await _status(test_id, regrade_id, service) for test_id, regrade_id in office.regrades}
    return ToldOfWork(office.org, acts, regrades)


async def _outcomes(bulk_id: str, service: Rest) -> dict[str, str]:
    outcomes: dict[str, str] = {}
    after: str | None = None
    try:
        while True:
            page = await service.bulk_targets(bulk_id, after=after)
            outcomes |= {target.attempt_id: target.outcome for target in page.targets}
            if page.next is None:
                return outcomes
            after = page.next
    except Refused as error:
        if error.code != Code.NOT_FOUND:
            raise
        return {}


async def _status(test_id: str, regrade_id: str, service: Rest) -> str:
    try:
        return (await service.regrade_progress(test_id, regrade_id)).status
    except Refused as error:
        if error.code != Code.NOT_FOUND:
            raise
        return "unknown"


def differ(told: dict[str, ToldOfAttempt], work: Sequence[ToldOfWork], database: Database) -> Iterator[Violation]:
    """Where staff were told other than the database says. What was written since then comes after it."""
    for attempt in database.attempts:
        if attempt.attempt_id in told:
            yield from _of_attempt(told[attempt.attempt_id], attempt)
    acts = {(act.org_id, act.bulk_id): act for act in database.acts}
    regrades = {(one.org_id, one.regrade_id): one for one in database.regrades}
    for one in work:
        for bulk_id, outcomes in one.acts.items():
            act = acts.get((one.org, bulk_id))
            kept = None if act is None else {target.attempt_id: target.outcome or "waiting" for target in act.targets}
            if kept != outcomes:
                yield Violation("I14", f"{one.org} {bulk_id}", "staff are told other answers than the database has")
        for regrade_id, status in one.regrades.items():
            regrade = regrades.get((one.org, regrade_id))
            if regrade is None or status != ("running" if regrade.ended_at_ms is None else "done"):
                yield Violation("I15", f"{one.org} {regrade_id}", "staff are told of a regrade other than the database")


def _of_attempt(told: ToldOfAttempt, attempt: Attempt) -> Iterator[Violation]:
    if not _begins_with(attempt.records, told.log):
        yield Violation("I9", attempt.attempt_id, "staff are shown another log than the database has")
    versions = [(one.version, one.key_version, one.score_mpt) for one in attempt.versions or ()]
    if versions[: len(told.versions)] != told.versions:
        yield Violation("I15", attempt.attempt_id, "staff are shown other versions of its result than the database has")


def _begins_with(records: Sequence[Record], log: list[tuple[int, str]]) -> bool:
    """Since it was shown, everybody has left: that is recorded, too."""
    return bool(log) and [(record.seq, record.hash) for record in records[: len(log)]] == log
