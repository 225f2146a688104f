"""A cache of tests and what is derived from them. It never goes stale: a version of a test never changes."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Final, TypeVar

import msgspec
from msgspec.structs import replace

from protocol.answering import PaperIndex, index_paper
from protocol.attempt.deadlines import has_own_limits, with_limits
from protocol.attempt.laying import is_the_same_for_all, lay_out
from protocol.attempt.layout import LaidQuestion, LaidSection, Layout
from protocol.attempt.model import Attempt, Identity, Terms
from protocol.attempt.paper import make_paper
from protocol.attempt.sheet import Sheet, make_sheet
from protocol.content import Rules
from protocol.errors import Refused
from protocol.media import media_in
from protocol.paper import Paper, PaperMedium
from protocol.rules.admission import Admission, admission_under, asks_enrolments
from server.metrics.cache_uses import CacheUses
from server.newest import Newest
from server.pacing.gathered import Gathered
from server.prepared import Compressed
from storage.enrolments import Enrolment, Enrolments
from storage.sharing import outcome_of
from storage.tests import StoredTest, Tests

_KEPT: Final = 256
"""Tests, and as many forms, kept in memory; a form of 200 questions takes about 300 KB."""
_MOST_LAID: Final = 100_000
"""Questions with an order of their options that are kept to be shared: about 12 MB."""


Address = Callable[[str, str], str]
"""Where a file is served, by its organisation and its hash."""
Version = tuple[str, str, int]
"""(organisation, test, version)"""
_Taught = tuple[str, str, str | None]
"""(organisation, test, course)"""
Readable = tuple[str, ...] | None
"""The sections that a reader may see; nil: all of them."""

_K = TypeVar("_K")
_V = TypeVar("_V")


class FormAtHand:
    """One form of one version of a test: the index for answers, and the layouts and papers of its candidates. Where
    nothing is drawn or shuffled they share one of each, encoded once."""

    def __init__(self, test: StoredTest, form_id: str | None, address: Address) -> None:
        self.test = test
        self._address = address
        self.form_id = form_id
        self._laid: dict[LaidQuestion, LaidQuestion] = {}
        self._alone: dict[LaidSection, LaidSection] = {}
        self._shared: Layout | None = None
        self._encoded_once: dict[Readable, Compressed] = {}
        try:
            self.whole = make_paper(test.test_id, test.version, test.content, form_id)
            self.is_known = True
        except Refused:
            content = test.content
            self.whole = Paper(
                test.test_id, test.version, form_id, content.title, content.instructions, [], None, [], [], []
            )
            self.is_known = False
        self.index: PaperIndex = index_paper(self.whole)
        self._titles = {section.section_id: section.title for section in test.content.sections}
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
        layout = lay_out(self.test.content, self.form_id, attempt.seed, self._intern)
        return self._make_sheet(self._interned(layout) if layout.forward else layout)

    def paper_json(self, layout: Layout, terms: Terms, readable: Readable) -> Compressed:
        """The paper for a layout of this form, with the limits that these terms give and what is `readable` of it (see
        `make_paper`). One that nobody shares is not compressed: that would be done for each request."""
        if self._shared is None or layout != self._shared or has_own_limits(terms):
            return Compressed(self._encoded(layout, terms, readable), None)
        if readable not in self._encoded_once:
            self._encoded_once[readable] = Compressed.of(self._encoded(layout, terms, readable))
        return self._encoded_once[readable]

    def _encoded(self, layout: Layout, terms: Terms, readable: Readable) -> bytes:
        test = self.test
        own = layout if not has_own_limits(terms) else with_limits(terms, layout)
        paper = make_paper(test.test_id, test.version, test.content, self.form_id, own, readable)
        encoded = msgspec.json.encode(paper)
        files = media_in(encoded)
        if not files:
            return encoded
        media = [PaperMedium(name, self._address(test.org_id, name)) for name in files]
        return msgspec.json.encode(replace(paper, media=media))

    def _make_sheet(self, layout: Layout | None) -> Sheet:
        return make_sheet(self.whole, self.index, self.test.content.rules, layout, self._titles)

    def _interned(self, layout: Layout) -> Layout:
        return replace(
            layout,
            sections=tuple(
                self._section(replace(section, questions=tuple(map(self._intern, section.questions))))
                for section in layout.sections
            ),
        )

    def _section(self, section: LaidSection) -> LaidSection:
        """The one object for all who have this question, alone, at this place."""
        if len(section.questions) > 1:
            return section
        if len(self._alone) >= _MOST_LAID:
            self._alone.clear()
        return self._alone.setdefault(section, section)

    def _intern(self, laid: LaidQuestion) -> LaidQuestion:
        """The one object for all who have this question with its options in this order."""
        if len(self._laid) >= _MOST_LAID:
            self._laid.clear()
        return self._laid.setdefault(laid, laid)


class Papers:
    """Reads versions of tests, and caches the most recently used ones."""

    def __init__(self, tests: Tests, enrolments: Enrolments, address: Address) -> None:
        self._tests = tests
        self._address = address
        self._enrolments = enrolments
        self._asked: Gathered[_Taught, str, Enrolment | None] = Gathered(self._enrolled, "look who is enrolled")
        self._off: Gathered[str, str, bool] = Gathered(self._are_off, "look whose account is switched off")
        self.uses = CacheUses()
        """Of forms of tests."""
        self._newest = Newest(tests)
        self._kept: OrderedDict[tuple[str, str, int, str | None], FormAtHand] = OrderedDict()
        self._versions: OrderedDict[Version, StoredTest] = OrderedDict()
        self._reading: dict[Version, asyncio.Task[StoredTest]] = {}

    async def of(self, identity: Identity, version: int) -> FormAtHand:
        """The form of the attempt in this version of its test."""
        key = (identity.org_id, identity.test_id, version, identity.form_id)
        if key in self._kept:
            self.uses.hits += 1
        else:
            self.uses.misses += 1
            test = await self._test((identity.org_id, identity.test_id, version))
            if key not in self._kept:
                # Everybody who waited for the same test gets one form.
                _keep(self._kept, key, FormAtHand(test, identity.form_id, self._address))
        self._kept.move_to_end(key)
        return self._kept[key]

    async def newest(self, org_id: str, test_id: str) -> StoredTest | None:
        """The newest version of a test; None: there is no such test. Raises `StorageUnavailable`."""
        version = await self.newest_version(org_id, test_id)
        return None if version is None else await self._test((org_id, test_id, version))

    async def _test(self, key: Version) -> StoredTest:
        """This version of a test, read once for all who ask meanwhile: it takes some milliseconds to decode."""
        test = self._versions.get(key)
        if test is None:
            task = self._reading.get(key)
            if task is None:
                task = self._reading[key] = asyncio.create_task(self._read(key), name="read a test")
                task.add_done_callback(_looked_at)
            return await outcome_of(task)
        self._versions.move_to_end(key)
        return test

    async def _read(self, key: Version) -> StoredTest:
        try:
            test = await self._tests.get(*key)
            if test is None:
                raise LookupError(f"version {key[2]} of a test that was used is not there")
            _keep(self._versions, key, test)
            return test
        finally:
            del self._reading[key]

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
        form = await self.of(identity, version)
        sheet = form.sheet(attempt)
        if attempt.terms is not None:
            return sheet
        off = await self.is_off(identity.org_id, identity.user_id)
        if not off and not asks_enrolments(form.test.content):
            return sheet
        hers = await self.enrolment(form.test, identity.user_id)
        return replace(sheet, admission=_admission(sheet.admission.rules, hers, off=off))

    async def enrolment(self, test: StoredTest, user_id: str) -> Enrolment | None:
        """What a candidate is enrolled with; None: she is not, or nothing of the test depends on it. Raises
        `StorageUnavailable`."""
        content = test.content
        if not asks_enrolments(content):
            return None
        return await self._asked.ask((test.org_id, test.test_id, content.course_id), user_id)

    async def _enrolled(self, taught: "_Taught", user_ids: Collection[str]) -> dict[str, Enrolment | None]:
        found = await self._enrolments.enrolled_among(*taught, list(user_ids))
        return {user_id: found.get(user_id) for user_id in user_ids}

    async def is_off(self, org_id: str, user_id: str) -> bool:
        """Whether the candidate's account is switched off. Raises `StorageUnavailable`."""
        return await self._off.ask(org_id, user_id)

    async def _are_off(self, org_id: str, user_ids: Collection[str]) -> dict[str, bool]:
        off = await self._enrolments.off_among(org_id, user_ids)
        return {user_id: user_id in off for user_id in user_ids}

    async def admissions(self, test: StoredTest, user_ids: Sequence[str]) -> dict[str, Admission]:
        """What the test asks of each of these before she may begin. Raises `StorageUnavailable`."""
        content = test.content
        off = await self._enrolments.off_among(test.org_id, user_ids)
        found: Mapping[str, Enrolment] = {}
        if asks_enrolments(content):
            found = await self._enrolments.enrolled_among(test.org_id, test.test_id, content.course_id, user_ids)
        return {user_id: _admission(content.rules, found.get(user_id), off=user_id in off) for user_id in user_ids}


def _admission(rules: Rules, hers: Enrolment | None, *, off: bool) -> Admission:
    own_code = None if hers is None else hers.access_code_digest
    return admission_under(rules, enrolled=hers is not None, own_code=own_code, off=off)


def _keep(kept: OrderedDict[_K, _V], key: _K, value: _V) -> None:
    """In place of the one that was used longest ago."""
    kept[key] = value
    if len(kept) > _KEPT:
        kept.popitem(last=False)


def _looked_at(task: "asyncio.Task[StoredTest]") -> None:
    if not task.cancelled():
        task.exception()  # has been looked at, even if all who waited have gone
