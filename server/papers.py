"""A cache of tests and what is derived from them. It never goes stale: a version of a test never changes."""

from collections import OrderedDict
from typing import Final

import msgspec

from protocol.answering import PaperIndex, index_paper
from protocol.attempt.laying import lay_out
from protocol.attempt.layout import Layout
from protocol.attempt.model import Attempt, Identity
from protocol.attempt.sheet import Sheet, make_sheet
from protocol.content import Paper, make_paper
from protocol.errors import Refused
from server.newest import Newest
from storage.tests import StoredTest, Tests

_KEPT: Final = 256
"""Tests and forms kept in memory; a form of 200 questions takes about 300 KB."""


class FormAtHand:
    """One form of one version of a test: the paper, also as JSON, encoded once, the index for answers, and the layout
    that its candidates share. `layout` is nil where this version has no such form."""

    def __init__(self, test: StoredTest, form_id: str | None) -> None:
        self.test = test
        self.paper: Paper
        self.layout: Layout | None
        try:
            self.paper = make_paper(test.test_id, test.version, test.content, form_id)
            self.layout = lay_out(test.content, form_id)
        except Refused:
            self.paper = Paper(test.test_id, test.version, form_id, test.content.title, test.content.instructions, [])
            self.layout = None
        self.paper_json = msgspec.json.encode(self.paper)
        self.index: PaperIndex = index_paper(self.paper)
        self._shared = self._sheet(self.layout)

    def sheet(self, layout: Layout | None = None) -> Sheet:
        """The sheet for a layout of this form; None: for the one that all have. Equal papers share it."""
        return self._shared if layout in (None, self.layout) else self._sheet(layout)

    def _sheet(self, layout: Layout | None) -> Sheet:
        return make_sheet(self.paper, self.index, self.test.content.rules, layout)


class Papers:
    """Reads versions of tests, and caches the most recently used ones."""

    def __init__(self, tests: Tests) -> None:
        self._tests = tests
        self._newest = Newest(tests)
        self._kept: OrderedDict[tuple[str, str, int, str | None], FormAtHand] = OrderedDict()

    async def of(self, identity: Identity, version: int) -> FormAtHand:
        """The form of the attempt in this version of its test."""
        key = (identity.org_id, identity.test_id, version, identity.form_id)
        found = self._kept.get(key)
        if found is None:
            test = await self._tests.get(identity.org_id, identity.test_id, version)
            if test is None:
                raise LookupError(f"version {version} of a test that was used is not there")
            found = self._kept[key] = FormAtHand(test, identity.form_id)
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return found

    async def sheet(self, attempt: Attempt) -> Sheet:
        """What the attempt is sat under: what was pinned, or before the start the newest version of the test. Raises
        `StorageUnavailable`."""
        identity, version = attempt.identity, attempt.test_version
        if version is None:
            version = await self._newest.version(identity.org_id, identity.test_id)
            if version is None:
                raise LookupError("the test of an attempt is not there")
        return (await self.of(identity, version)).sheet(attempt.layout)
