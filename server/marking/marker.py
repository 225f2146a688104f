"""Marking by machine, after the end and off the critical path. An attempt with nothing left to mark is completed."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from itertools import islice
from typing import Final

from protocol.attempt.commands import Assess
from protocol.attempt.hand_marks import marks_in_force, outdated_marks
from protocol.attempt.model import Actor, Attempt, Role, Status
from protocol.errors import Refusal
from protocol.marking.paper import Marking, mark_paper
from protocol.marks import mark
from protocol.rest.results import Result
from server.attempts.live import LiveAttempt
from server.attempts.registry import Registry
from server.clock import Clock
from server.marking.regrading import regrade_late
from server.metrics.tally import Tally
from server.pacing.turns import turns
from server.papers import Papers
from storage.claims import Claims
from storage.errors import StorageUnavailable
from storage.regrades import Regrades
from storage.results import Results
from storage.snapshots import Snapshots

log = logging.getLogger(__name__)

_MARKER: Final = Actor(Role.SYSTEM, "marking")
_ENDED: Final = (Status.SUBMITTED, Status.EXPIRED, Status.COMPLETED)
_SWEEP_BATCH: Final = 200
_BATCH: Final = 20
"""Attempts marked together: some hundred kilobytes of results."""
_REST_S: Final = 0.1
_MOST_RESTS: Final = 20
"""Rests before each batch: where a slow disk makes every hour a rush, marks come slowly, but they come."""


class Marker:
    """A queue of ended attempts: filled as they end on this node, and by a sweep for those that were missed."""

    def __init__(
        self,
        clock: Clock,
        registry: Registry,
        papers: Papers,
        results: Results,
        claims: Claims,
        snapshots: Snapshots,
        regrades: Regrades,
        tally: Tally | None = None,
        hurried: Callable[[], bool] = lambda: False,
        *,
        alone: bool = False,
    ) -> None:
        """`hurried`: whether the node has something to do that cannot wait. `alone`: no other node shares the
        database."""
        self._clock = clock
        self._registry = registry
        self._papers = papers
        self._results = results
        self._claims = claims
        self._snapshots = snapshots
        self._regrades = regrades
        self._tally = tally or Tally()
        self._hurried = hurried
        self._alone = alone
        # A dict keeps the order and each attempt once.
        self._due: dict[str, None] = {}
        self._under_way: list[str] = []
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
                await self._let_others_go_first()
                self._under_way = list(islice(self._due, _BATCH))
                for attempt_id in self._under_way:
                    del self._due[attempt_id]
                await self._mark_all(self._under_way)
                self._under_way = []

    async def _let_others_go_first(self) -> None:
        for _ in range(_MOST_RESTS):
            if not self._hurried():
                return
            mark("marker: waits for a rush to pass")
            await asyncio.sleep(_REST_S)

    async def _mark_all(self, attempt_ids: list[str]) -> None:
        """Marks them together; where that fails, one by one, so that one that can't be marked stops no other."""
        try:
            await self.mark(attempt_ids)
            self._tally.marked += len(attempt_ids)
        except StorageUnavailable:
            self._tally.marking_failures += len(attempt_ids)
            log.warning("Marking of %d attempts waits for the database", len(attempt_ids))
        except Exception:
            if len(attempt_ids) > 1:
                mark("marker: one by one")
                for attempt_id in attempt_ids:
                    await self._mark_all([attempt_id])
                return
            self._tally.marking_failures += 1
            log.exception("Attempt %s: marking failed, and is tried again", attempt_ids[0])

    async def sweep(self) -> None:
        """Queues attempts that ended on a node that is gone, or whose marking failed. Those that are being marked here
        would be marked twice; what they lack afterwards the next sweep finds."""
        if self._alone and self._due:
            # Most of what it would find waits here already, and nobody else has to be told so.
            return
        newer = self._registry.newer.attempt_ids
        for attempt_id in await self._claims.claim_unmarked(self._clock.now_ms(), _SWEEP_BATCH, but=newer):
            if attempt_id not in self._under_way:
                self.notice(attempt_id)

    async def mark(self, attempt_ids: Sequence[str]) -> None:
        """Marks all answers that need no person. Marking an attempt again, or one that has not ended, changes
        nothing. Those whose logs are newer than this node are let go of."""
        readable = await self._registry.readable(attempt_ids)
        await regrade_late(self._regrades, [live for live in readable if live.committed.status in _ENDED])
        due = [(live, live.committed) for live in readable]
        newer = set(attempt_ids).intersection(self._registry.newer.attempt_ids)
        await self._claims.let_go(list(newer))
        marked: list[tuple[LiveAttempt, Attempt, Marking]] = []
        for live, attempt in due:
            if attempt.status in _ENDED:
                # Those who still sit are served in between: to mark one paper takes as long as any such step.
                await turns().take(new=True)
                marked.append((live, attempt, await self._marked(attempt)))
        # Answers and result first: a completed attempt always has both.
        await self._snapshots.save([attempt for _, attempt, _ in marked], self._clock.now_ms())
        results = [(_result(attempt, marking), attempt.seq) for _, attempt, marking in marked]
        await self._results.save(results, self._clock.now_ms())
        outcomes = await asyncio.gather(*(_assess(*one) for one in marked))
        refused = {live for (live, _, _), done in zip(marked, outcomes, strict=True) if not done}
        await self._claims.marking_done(
            [(live.attempt_id, attempt.seq) for live, attempt in due if live not in refused]
        )

    async def _marked(self, attempt: Attempt) -> Marking:
        assert attempt.test_version is not None, "it has been sat"
        assert attempt.layout is not None, "it has been sat"
        form = await self._papers.of(attempt.identity, attempt.key_version or attempt.test_version)
        answers = {question_id: saved.value for question_id, saved in attempt.answers.items()}
        in_force, outdated = marks_in_force(attempt), outdated_marks(attempt)
        return mark_paper(form.test.content, attempt.layout, answers, in_force, outdated)


async def _assess(live: LiveAttempt, attempt: Attempt, marking: Marking) -> bool:
    """Writes the marks into the log. False: they are for an end that is none any more."""
    assert attempt.reference is not None, "every ended attempt has one"
    command = Assess(_MARKER, attempt.reference, marking.score_mpt, marking.max_mpt, marking.awaiting)
    return not isinstance(await live.run(command), Refusal)


def _result(attempt: Attempt, marking: Marking) -> Result:
    identity = attempt.identity
    assert attempt.test_version is not None, "it has been sat"
    status = Status.COMPLETED if marking.awaiting == 0 else attempt.status
    return Result(
        attempt_id=identity.attempt_id,
        test_id=identity.test_id,
        test_version=attempt.test_version,
        user_id=identity.user_id,
        status=status.value,
        reference=attempt.reference,
        complete=marking.awaiting == 0,
        score_mpt=marking.score_mpt,
        max_mpt=marking.max_mpt,
        awaiting_marks=marking.awaiting,
        marks=marking.marks,
        key_version=attempt.key_version or attempt.test_version,
        reason=attempt.marks_reason,
        changed_by=attempt.marks_by,
    )
