"""Marking by machine, after the end and off the critical path. An attempt with nothing left to mark is completed."""

import asyncio
import logging
from typing import Final

from protocol.attempt.commands import Assess
from protocol.attempt.model import Actor, Attempt, Role, Status
from protocol.errors import Refusal
from protocol.marking import Marking, mark_paper
from protocol.rest import Result
from server.attempts.registry import Registry
from server.clock import Clock
from server.metrics.tally import Tally
from server.papers import Papers
from storage.attempts import Attempts
from storage.errors import StorageUnavailable
from storage.results import Results
from storage.snapshots import Snapshots

log = logging.getLogger(__name__)

_MARKER: Final = Actor(Role.SYSTEM, "marking")
_ENDED: Final = (Status.SUBMITTED, Status.EXPIRED)
_SWEEP_BATCH: Final = 200


class Marker:
    """A queue of ended attempts: filled as they end on this node, and by a sweep for those that were missed."""

    def __init__(
        self,
        clock: Clock,
        registry: Registry,
        papers: Papers,
        results: Results,
        attempts: Attempts,
        snapshots: Snapshots,
        tally: Tally | None = None,
    ) -> None:
        self._clock = clock
        self._registry = registry
        self._papers = papers
        self._results = results
        self._attempts = attempts
        self._snapshots = snapshots
        self._tally = tally or Tally()
        # A dict keeps the order and each attempt once.
        self._due: dict[str, None] = {}
        self._wake = asyncio.Event()

    @property
    def waiting(self) -> int:
        """Attempts that wait to be marked."""
        return len(self._due)

    def notice(self, attempt_id: str) -> None:
        """The attempt has ended, or a person has marked one of its answers."""
        self._due[attempt_id] = None
        self._wake.set()

    async def run(self) -> None:
        """Marks what is due, until cancelled."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._due:
                attempt_id = next(iter(self._due))
                del self._due[attempt_id]
                try:
                    await self.mark(attempt_id)
                    self._tally.marked += 1
                except StorageUnavailable:
                    self._tally.marking_failures += 1
                    log.warning("Attempt %s: marking waits for the database", attempt_id)
                except Exception:
                    self._tally.marking_failures += 1
                    log.exception("Attempt %s: marking failed, and is tried again", attempt_id)

    async def sweep(self) -> None:
        """Queues attempts that ended on a node that is gone, or whose marking failed."""
        for attempt_id in await self._attempts.claim_unmarked(self._clock.now_ms(), _SWEEP_BATCH):
            self.notice(attempt_id)

    async def mark(self, attempt_id: str) -> None:
        """Marks all answers of one attempt that need no person."""
        live = await self._registry.get(attempt_id)
        if live is None:
            return
        attempt = live.committed
        if attempt.status in _ENDED and attempt.reference is not None:
            form = await self._papers.of(attempt.identity)
            answers = {question_id: saved.value for question_id, saved in attempt.answers.items()}
            marking = mark_paper(form.test.content, attempt.identity.form_id, answers, attempt.hand_marks)
            # Answers and result first: a completed attempt always has both.
            await self._snapshots.save([attempt])
            await self._results.save(_result(attempt, marking), attempt.seq, self._clock.now_ms())
            outcome = await live.run(
                Assess(_MARKER, attempt.reference, marking.score_mpt, marking.max_mpt, marking.awaiting)
            )
            if isinstance(outcome, Refusal):
                return
        await self._attempts.marking_done(attempt_id, attempt.seq)


def _result(attempt: Attempt, marking: Marking) -> Result:
    identity = attempt.identity
    status = Status.COMPLETED if marking.awaiting == 0 else attempt.status
    return Result(
        attempt_id=identity.attempt_id,
        test_id=identity.test_id,
        test_version=identity.test_version,
        user_id=identity.user_id,
        status=status.value,
        reference=attempt.reference,
        complete=marking.awaiting == 0,
        score_mpt=marking.score_mpt,
        max_mpt=marking.max_mpt,
        awaiting_marks=marking.awaiting,
        marks=marking.marks,
    )
