"""A cache of tests and what is derived from them. It never goes stale: a used version never changes."""

from collections import OrderedDict
from typing import Final

import msgspec

from protocol.answering import PaperIndex, index_paper
from protocol.attempt.model import Identity
from protocol.content import Paper, make_paper
from storage.tests import StoredTest, Tests

_KEPT: Final = 256
"""Tests and forms kept in memory; a form of 200 questions takes about 300 KB."""


class FormAtHand(msgspec.Struct, frozen=True):
    """One form of one version of a test: the test, the paper as JSON, encoded once, and the index for answers."""

    test: StoredTest
    paper: Paper
    paper_json: bytes
    index: PaperIndex


class Papers:
    """Reads forms of used versions, and caches the most recently used ones."""

    def __init__(self, tests: Tests) -> None:
        self._tests = tests
        self._kept: OrderedDict[tuple[str, str, int, str | None], FormAtHand] = OrderedDict()

    async def of(self, identity: Identity) -> FormAtHand:
        """The form that an attempt sits."""
        key = (identity.org_id, identity.test_id, identity.test_version, identity.form_id)
        found = self._kept.get(key)
        if found is None:
            test = await self._tests.get(identity.org_id, identity.test_id, identity.test_version)
            if test is None:
                raise LookupError(f"version {identity.test_version} of a test that was used is not there")
            paper = make_paper(test.test_id, test.version, test.content, identity.form_id)
            found = FormAtHand(test, paper, msgspec.json.encode(paper), index_paper(paper))
            self._kept[key] = found
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return found
