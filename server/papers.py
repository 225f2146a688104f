"""A cache of tests and what is derived from them. It never goes stale: a version of a test never changes."""

from collections import OrderedDict
from typing import Final

import msgspec
from msgspec.structs import replace

from protocol.answering import PaperIndex, index_paper
from protocol.attempt.deadlines import with_limits
from protocol.attempt.laying import is_the_same_for_all, lay_out
from protocol.attempt.layout import LaidQuestion, Layout
from protocol.attempt.model import Attempt, Identity, Terms
from protocol.attempt.paper import make_paper
from protocol.attempt.sheet import Sheet, make_sheet
from protocol.errors import Refused
from protocol.paper import Paper
from server.newest import Newest
from storage.tests import StoredTest, Tests

_KEPT: Final = 256
"""Tests and forms kept in memory; a form of 200 questions takes about 300 KB."""
_MOST_LAID: Final = 100_000
"""Questions with an order of their options that are kept to be shared: about 12 MB."""


Readable = tuple[str, ...] | None
"""The sections that a reader may see; nil: all of them."""


class FormAtHand:
    """One form of one version of a test: the index for answers, and the layouts and papers of its candidates. Where
    nothing is drawn or shuffled they share one of each, encoded once."""

    def __init__(self, test: StoredTest, form_id: str | None) -> None:
        self.test = test
        self.form_id = form_id
        self._laid: dict[LaidQuestion, LaidQuestion] = {}
        self._shared: Layout | None = None
        self._encoded_once: dict[Readable, bytes] = {}
        try:
            self.whole = make_paper(test.test_id, test.version, test.content, form_id)
            self.is_known = True
        except Refused:
            content = test.content
            self.whole = Paper(test.test_id, test.version, form_id, content.title, content.instructions, [], None, [])
            self.is_known = False
        self.index: PaperIndex = index_paper(self.whole)
        if self.is_known and is_the_same_for_all(test.content, form_id):
            self._shared = lay_out(test.content, form_id, 0)
        self._sheet = self._make_sheet(self._shared)

    def sheet(self, attempt: Attempt) -> Sheet:
        """The attempt's sheet: for the layout that it has, or, before the start, for the one that it would get."""
        if self._shared is not None:
            return self._sheet
        if not self.is_known:
            return self._sheet
        if attempt.layout is not None:
            return self._make_sheet(self._interned(attempt.layout))
        return self._make_sheet(lay_out(self.test.content, self.form_id, attempt.seed, self._intern))

    def paper_json(self, layout: Layout, terms: Terms, readable: Readable) -> bytes:
        """The paper for a layout of this form, with the limits that these terms give and what is `readable` of it (see
        `make_paper`)."""
        if self._shared is None or layout != self._shared or terms.extra_time_ms:
            return self._encoded(layout, terms, readable)
        if readable not in self._encoded_once:
            self._encoded_once[readable] = self._encoded(layout, terms, readable)
        return self._encoded_once[readable]

    def _encoded(self, layout: Layout, terms: Terms, readable: Readable) -> bytes:
        test = self.test
        own = layout if not terms.extra_time_ms else with_limits(terms, layout)
        return msgspec.json.encode(make_paper(test.test_id, test.version, test.content, self.form_id, own, readable))

    def _make_sheet(self, layout: Layout | None) -> Sheet:
        return make_sheet(self.whole, self.index, self.test.content.rules, layout)

    def _interned(self, layout: Layout) -> Layout:
        return replace(
            layout,
            sections=tuple(
                replace(section, questions=tuple(map(self._intern, section.questions))) for section in layout.sections
            ),
        )

    def _intern(self, laid: LaidQuestion) -> LaidQuestion:
        """The one object for all who have this question with its options in this order."""
        if len(self._laid) >= _MOST_LAID:
            self._laid.clear()
        return self._laid.setdefault(laid, laid)


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

    async def newest_version(self, org_id: str, test_id: str) -> int | None:
        """The number of a test's newest version. Raises `StorageUnavailable`."""
        return await self._newest.version(org_id, test_id)

    async def sheet(self, attempt: Attempt) -> Sheet:
        """What the attempt is sat under: what was pinned, or before the start the newest version of the test. Raises
        `StorageUnavailable`."""
        identity, version = attempt.identity, attempt.test_version
        if version is None:
            version = await self.newest_version(identity.org_id, identity.test_id)
            if version is None:
                raise LookupError("the test of an attempt is not there")
        return (await self.of(identity, version)).sheet(attempt)
