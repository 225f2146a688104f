"""Attempts follow what their candidates are granted, who is enrolled, and where they belong."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from protocol.attempt.model import Status
from server.attempts.live import LiveAttempt
from server.attempts.registry import Registry
from server.papers import Papers
from server.people.changes import ANYBODY, Change, Concerned, Known, named
from server.relay import Relay
from server.relay.frames import PeopleChanged, encode, read_people_changed
from storage.attempts import Attempts
from storage.errors import StorageUnavailable
from storage.overrides import Candidate, Overrides, Who
from storage.people import GROUP, USER, People
from storage.people_revisions import PeopleRevisions

log = logging.getLogger(__name__)

PEOPLE_CHANNEL: Final = "people"
_PAGE: Final = 200
"""Attempts that follow at once."""
_RETRY_S: Final = 1.0


class Granting:
    """A node that changes people, groups, enrolments or overrides makes the open attempts follow, in memory or not, and
    tells the others whom the change is about; the database says what. Changes that come while others are followed are
    followed together. Every few seconds each node compares the number of the newest change with those that it knows
    of, and follows everything where one is missing: the relay may be down, and the command line changes people too. An
    attempt that no node has in memory follows when it is loaded, before anything else happens to it. `node` is this
    one's name; `moved` shows an attempt whose candidate belongs to another branch now; `keep` registers work that the
    node finishes before it stops."""

    def __init__(
        self,
        node: str,
        registry: Registry,
        papers: Papers,
        attempts: Attempts,
        overrides: Overrides,
        people: People,
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
        self._people = people
        self._revisions = revisions
        self._relay = relay
        self._moved = moved
        self._keep = keep
        self._known: dict[str, Known] = {}
        self._gathered: dict[str, list[Change]] = {}
        self._to_walk: dict[str, list[Change]] = {}
        self._following: set[str] = set()
        self._walking: set[str] = set()

    def changed(self, org_id: str, revision: int, who: Iterable[Who], test_id: str) -> None:
        """The change of this number was made here. It is about these, at one test or (`test_id` empty) at every
        test."""
        change = Change(revision, tuple(who), test_id)
        told = change.shortened()
        self._relay.publish(PEOPLE_CHANNEL, encode(PeopleChanged(self._node, org_id, revision, told.who, told.test_id)))
        self._note(org_id, change)
        if change.who:
            self._to_walk.setdefault(org_id, []).append(change)
            if org_id not in self._walking:
                self._walking.add(org_id)
                self._keep(
                    asyncio.create_task(self._walk_gathered(org_id), name="load those who are granted something")
                )

    def hear(self, data: bytes) -> None:
        """Another node has made a change."""
        frame = read_people_changed(data)
        if frame is not None and frame.node != self._node:
            self._note(frame.org_id, Change(frame.revision, frame.who, frame.test_id))

    async def look(self) -> None:
        """Follows everything in each organisation with a change that this node does not know of."""
        org_ids = sorted({org_id for org_id, _ in self._registry.tests})
        self._known = {org_id: known for org_id, known in self._known.items() if org_id in org_ids}
        if not org_ids:
            return
        before = {org_id: known.revision for org_id, known in self._known.items()}
        for org_id, revision in (await self._revisions.of(org_ids)).items():
            known = self._known.get(org_id)
            # A database that was restored counts the changes since then anew.
            if known is None or known.revision < revision or revision < before.get(org_id, 0):
                self._known[org_id] = Known(revision)
                try:
                    await self._follow_those(org_id, ANYBODY)
                except BaseException:
                    self._known.pop(org_id, None)
                    raise

    def _note(self, org_id: str, change: Change) -> None:
        known = self._known.get(org_id)
        if known is not None:
            known.add(change.revision)
        if change.who == ():
            return
        self._gathered.setdefault(org_id, []).append(change)
        if org_id not in self._following:
            self._following.add(org_id)
            self._keep(asyncio.create_task(self._follow_gathered(org_id), name="follow what is granted"))

    async def _follow_gathered(self, org_id: str) -> None:
        try:
            while changes := self._gathered.pop(org_id, None):
                await self._follow_those(org_id, await self._concerned(org_id, changes))
        except StorageUnavailable as error:
            # The next look finds what has changed.
            self._known.pop(org_id, None)
            self._gathered.pop(org_id, None)
            log.debug("What is granted cannot be read (%s)", error)
        finally:
            self._following.discard(org_id)

    async def _concerned(self, org_id: str, changes: Sequence[Change]) -> Concerned:
        groups = named(changes, GROUP)
        if not any(org == org_id for org, _ in self._registry.tests):
            groups = {}
        members = {test_id: await self._people.in_any(org_id, ids) for test_id, ids in groups.items()}
        return Concerned(changes, members)

    async def _follow_those(self, org_id: str, concerned: Concerned) -> None:
        # What these have read may be older than the change.
        being_read = self._registry.being_read
        await self._follow(org_id, self._at_hand(org_id, concerned))
        if being_read:
            read = await self._registry.readable(being_read)
            await self._follow(
                org_id, [live for live in read if _is_in(org_id, live) and concerned.has(live.committed.identity)]
            )

    def _at_hand(self, org_id: str, concerned: Concerned) -> list[LiveAttempt]:
        return [
            live
            for org, test_id in self._registry.tests
            if org == org_id and concerned.at(test_id)
            for live in self._registry.of_test(org, test_id)
            if concerned.has(live.committed.identity)
        ]

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

    async def _walk_gathered(self, org_id: str) -> None:
        """Loads the attempts that changes made here are about: loaded, they have what is granted."""
        try:
            while changes := self._to_walk.pop(org_id, None):
                for test_id, user_ids in named(changes, USER).items():
                    for begin in range(0, len(user_ids), _PAGE):
                        await self._walk(org_id, user_ids[begin : begin + _PAGE], test_id)
                for test_id, group_ids in named(changes, GROUP).items():
                    for group_id in group_ids:
                        await self._walk(org_id, Who(GROUP, group_id), test_id)
        finally:
            self._walking.discard(org_id)

    async def _walk(self, org_id: str, who: Sequence[str] | Who, test_id: str) -> None:
        after: str | None = None
        while True:
            try:
                page = await self._overrides.open_attempts(org_id, who, test_id, after, _PAGE)
                away = [attempt_id for attempt_id in page if self._registry.at_hand(attempt_id) is None]
                await self._follow(org_id, await self._registry.readable(away))
            except StorageUnavailable:
                await asyncio.sleep(_RETRY_S)
                continue
            if len(page) < _PAGE:
                break
            after = page[-1]


def _is_in(org_id: str, live: LiveAttempt) -> bool:
    return live.committed.identity.org_id == org_id


def _candidate(live: LiveAttempt) -> Candidate:
    identity = live.committed.identity
    return Candidate(identity.test_id, identity.user_id)
