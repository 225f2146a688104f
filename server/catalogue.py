"""The tests of organisations without their questions: for lists and searches, which would read every question else."""

from collections import OrderedDict
from collections.abc import Sequence
from typing import Final, NamedTuple

from protocol.content import question_total
from protocol.names import searchable
from server.access.principal import Principal
from storage.tests import StoredTest, Tests

_AT_ONCE: Final = 20
"""Tests that are read together: each may have megabytes."""
MOST: Final = 50_000
"""Versions that are remembered, in some twenty megabytes."""


class Entry(NamedTuple):
    """The newest version of a test."""

    test_id: str
    version: int
    title: str
    course_id: str | None
    question_total: int
    created_at_ms: int
    opens_at_ms: int | None
    closes_at_ms: int | None

    def is_found_by(self, words: Sequence[str]) -> bool:
        """Whether its title or its id has each of these words in it, as `searchable` writes them; of no words every
        test."""
        if not words:
            return True
        text = searchable(f"{self.title} {self.test_id}")
        return all(word in text for word in words)


class Catalogue:
    """A version of a test never changes, so what was read of it stays true."""

    def __init__(self, tests: Tests, most: int = MOST) -> None:
        self._tests = tests
        self._most = most
        self._known: OrderedDict[tuple[str, str, int], Entry] = OrderedDict()

    async def reached_by(self, principal: Principal) -> list[Entry]:
        """Those that the token reaches, by id. A token for one attempt reaches no lists."""
        if principal.attempt_id is not None:
            return []
        return [entry for entry in await self.of(principal.org_id) if principal.scope.has_test(entry.test_id)]

    async def of(self, org_id: str) -> list[Entry]:
        """The newest version of each test, by id."""
        versions = await self._tests.newest_versions(org_id)
        found: dict[str, Entry] = {}
        for test_id, version in versions.items():
            known = self._known.get((org_id, test_id, version))
            if known is not None:
                self._known.move_to_end((org_id, test_id, version))
                found[test_id] = known
        missing = [test_id for test_id in versions if test_id not in found]
        for at in range(0, len(missing), _AT_ONCE):
            some = {test_id: versions[test_id] for test_id in missing[at : at + _AT_ONCE]}
            for test in await self._tests.these(org_id, some):
                found[test.test_id] = self._known[org_id, test.test_id, test.version] = _entry(test)
        while len(self._known) > self._most:
            self._known.popitem(last=False)
        return [found[test_id] for test_id in sorted(found)]


def _entry(test: StoredTest) -> Entry:
    content = test.content
    rules = content.rules
    return Entry(
        test.test_id,
        test.version,
        content.title,
        content.course_id,
        question_total(content),
        test.created_at_ms,
        rules.opens_at_ms,
        rules.closes_at_ms,
    )
