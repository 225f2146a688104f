"""Attempts follow what their candidates are granted, who is enrolled, and where they belong."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from protocol.attempt.model import Status
from server.attempts.live import LiveAttempt
from server.attempts.registry import Registry
from server.papers import Papers
from server.relay import Relay
from server.relay.frames import PeopleChanged, encode, read_people_changed
from storage.attempts import Attempts
from storage.errors import StorageUnavailable
from storage.overrides import Candidate, Overrides, Who
from storage.people import USER
from storage.people_revisions import PeopleRevisions

log = logging.getLogger(__name__)

PEOPLE_CHANNEL: Final = "people"
_PAGE: Final = 200
"""Attempts that follow at once."""
_RETRY_S: Final = 1.0


class Granting:
    """A node that changes people, groups, enrolments or overrides makes the open attempts follow, in memory or not, and
    tells the others that something has changed; the database says what. Every few seconds each node looks by itself:
    the relay may be down, and the command line changes people too. An attempt that no node has in memory follows when
    it is loaded, before anything else happens to it. `node` is this one's name; `moved` shows an attempt whose
    candidate belongs to another branch now; `keep` registers work that the node finishes before it stops."""

    def __init__(
        self,
        node: str,
        registry: Registry,
        papers: Papers,
        attempts: Attempts,
        overrides: Overrides,
        revisions: PeopleRevisions,
        relay: Relay,
        moved: Callable[[LiveAttempt], None],
        keep: Callable[[asyncio.Task[None]], None],
    ) -> None:
        self._node = node
        self._registry = registry
        self._papers = papers
        self._attempts = attempts
        self._overrides = overrides
        self._revisions = revisions
        self._relay = relay
        self._moved = moved
        self._keep = keep
        self._seen: dict[str, int] = {}

    def changed(self, org_id: str, who: Iterable[Who], test_id: str) -> None:
        """What these are granted was changed here, at one test or (`test_id` empty) at every test."""
        self._relay.publish(PEOPLE_CHANNEL, encode(PeopleChanged(self._node, org_id)))
        affected = list(who)
        if affected:
            self._keep(asyncio.create_task(self._walk(org_id, affected, test_id), name="follow what is granted"))

    def hear(self, data: bytes) -> None:
        """Another node has changed what somebody is granted."""
        frame = read_people_changed(data)
        if frame is not None and frame.node != self._node and self._at_hand(frame.org_id):
            self._keep(asyncio.create_task(self._follow_if_it_can(frame.org_id), name="follow what is granted"))

    async def look(self) -> None:
        """Compares the counts of changes with those that the attempts at hand have followed."""
        org_ids = {org_id for org_id, _ in self._registry.tests}
        self._seen = {org_id: seen for org_id, seen in self._seen.items() if org_id in org_ids}
        if not org_ids:
            return
        for org_id, revision in (await self._revisions.of(org_ids)).items():
            if self._seen.get(org_id) != revision:
                await self._follow(org_id, self._at_hand(org_id))
                self._seen[org_id] = revision

    def _at_hand(self, org_id: str) -> list[LiveAttempt]:
        return [
            live
            for org, test_id in self._registry.tests
            if org == org_id
            for live in self._registry.of_test(org, test_id)
        ]

    async def _follow_if_it_can(self, org_id: str) -> None:
        try:
            await self._follow(org_id, self._at_hand(org_id))
        except StorageUnavailable as error:
            # The next look finds what has changed.
            log.debug("What is granted cannot be read (%s)", error)

    async def _follow(self, org_id: str, attempts: Sequence[LiveAttempt]) -> None:
        for begin in range(0, len(attempts), _PAGE):
            page = {live: _candidate(live) for live in attempts[begin : begin + _PAGE]}
            found = await self._overrides.accommodations(org_id, page.values())
            branches = await self._attempts.branches([live.attempt_id for live in page])
            for live, candidate in page.items():
                live.grant(found[candidate])
                branch_id = branches.get(live.attempt_id, live.branch_id)
                if branch_id != live.branch_id:
                    live.branch_id = branch_id
                    # For the same record a greater tick makes the row the newer one.
                    live.presence.tick += 1
                    self._moved(live)
            await self._follow_enrolments(org_id, page)
            await asyncio.sleep(0)

    async def _follow_enrolments(self, org_id: str, attempts: Iterable[LiveAttempt]) -> None:
        """Tells those who look at a start page that they may begin, or no more. Each start looks by itself."""
        by_test: dict[str, list[LiveAttempt]] = {}
        for live in attempts:
            if live.committed.status is Status.INITIATED and live.presence.sessions:
                by_test.setdefault(live.committed.identity.test_id, []).append(live)
        for test_id, waiting in by_test.items():
            test = await self._papers.newest(org_id, test_id)
            if test is None:
                continue
            now = await self._papers.admissions(test, [live.committed.identity.user_id for live in waiting])
            changed = [
                live
                for live in waiting
                if live.sheet.admission != now.get(live.committed.identity.user_id, live.sheet.admission)
            ]
            await asyncio.gather(*(live.follow_test() for live in changed))

    async def _walk(self, org_id: str, affected: Sequence[Who], test_id: str) -> None:
        users = sorted({who.id for who in affected if who.kind == USER})
        pages: list[Sequence[str] | Who] = [users[begin : begin + _PAGE] for begin in range(0, len(users), _PAGE)]
        for who in pages + [who for who in affected if who.kind != USER]:
            after: str | None = None
            while True:
                try:
                    page = await self._overrides.open_attempts(org_id, who, test_id, after, _PAGE)
                    # Whoever is not in memory follows by being loaded.
                    await self._follow(org_id, await self._registry.readable(page))
                except StorageUnavailable:
                    await asyncio.sleep(_RETRY_S)
                    continue
                if len(page) < _PAGE:
                    break
                after = page[-1]


def _candidate(live: LiveAttempt) -> Candidate:
    identity = live.committed.identity
    return Candidate(identity.test_id, identity.user_id)
