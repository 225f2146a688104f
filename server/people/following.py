"""Attempts that have not started follow their test: whoever looks at a start page is told what has changed."""

import asyncio
import logging
from collections.abc import Callable
from functools import partial
from typing import Final

from protocol.attempt.model import Status
from server.attempts.live import LiveAttempt
from server.attempts.registry import Registry
from server.pacing.repeating import Repeating
from server.papers import Papers
from server.relay import Relay
from server.relay.frames import TestStored, encode, read_test_stored
from storage.errors import StorageUnavailable

log = logging.getLogger(__name__)

TESTS_CHANNEL: Final = "tests"
_AT_ONCE: Final = 100
"""Attempts that are told in one turn of the event loop."""


class Following:
    """A node that stores a test tells the others that it has; the database says what. Every few seconds each node looks
    by itself: the relay may be down, and the command line stores tests too. `node` is this one's name, and `keep`
    registers work that it finishes before it stops."""

    def __init__(
        self,
        node: str,
        registry: Registry,
        papers: Papers,
        relay: Relay,
        keep: Callable[[asyncio.Task[None]], None],
    ) -> None:
        self._node = node
        self._registry = registry
        self._papers = papers
        self._relay = relay
        self._keep = keep
        self._tests: dict[tuple[str, str], Repeating] = {}

    def stored(self, org_id: str, test_id: str) -> None:
        """A version of this test was stored here."""
        self._relay.publish(TESTS_CHANNEL, encode(TestStored(self._node, org_id, test_id)))
        self._begin(org_id, test_id)

    def hear(self, data: bytes) -> None:
        """Another node has stored a test."""
        frame = read_test_stored(data)
        if frame is not None and frame.node != self._node:
            self._begin(frame.org_id, frame.test_id)

    async def look(self) -> None:
        """Compares what is offered with the database."""
        for org_id, test_id in self._registry.tests:
            waiting = self._waiting(org_id, test_id)
            if waiting:
                newest = await self._papers.newest_version(org_id, test_id)
                if any(live.sheet.test_version != newest for live in waiting):
                    await self._follow(org_id, test_id)

    def _begin(self, org_id: str, test_id: str) -> None:
        if not self._waiting(org_id, test_id):
            return
        test = org_id, test_id
        if test not in self._tests:
            self._tests = {other: following for other, following in self._tests.items() if following.working}
            self._tests[test] = Repeating(partial(self._follow, *test), self._keep, "follow a test")
        self._tests[test].ask()

    def _waiting(self, org_id: str, test_id: str) -> list[LiveAttempt]:
        return [
            live
            for live in self._registry.of_test(org_id, test_id)
            if live.committed.status is Status.INITIATED and live.presence.sessions
        ]

    async def _follow(self, org_id: str, test_id: str) -> None:
        waiting = self._waiting(org_id, test_id)
        for begin in range(0, len(waiting), _AT_ONCE):
            try:
                await asyncio.gather(*(live.follow_test() for live in waiting[begin : begin + _AT_ONCE]))
            except StorageUnavailable as error:
                # The next look finds them, and each start looks by itself.
                log.debug("Test %s: its newest version cannot be read (%s)", test_id, error)
                return
            await asyncio.sleep(0)
