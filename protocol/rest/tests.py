"""Bodies about tests."""

from protocol.messages.base import Int
from protocol.rest.body import Body


class TestStored(Body, frozen=True, kw_only=True):
    """A test was stored; attempts that start from now on use this version. The same content is the same version."""

    __test__ = False

    test_id: str
    version: Int


class TestSummary(Body, frozen=True, kw_only=True):
    """What staff see of a test in a list, with its window; nil: it has no such end."""

    __test__ = False

    test_id: str
    version: Int
    title: str
    question_total: Int
    created_at_ms: Int
    opens_at_ms: Int | None = None
    closes_at_ms: Int | None = None


class TestList(Body, frozen=True, kw_only=True):
    """The tests of the organisation that the caller may see, newest version each. `acts` are what her role may do, and
    `gives` the roles of which she may give tokens. `next` continues the list, where a `limit` was given."""

    __test__ = False

    tests: list[TestSummary]
    acts: list[str]
    gives: list[str]
    next: str | None = None


class TestVersion(Body, frozen=True, kw_only=True):
    """One version of a test, in a list."""

    __test__ = False

    version: Int
    title: str
    created_at_ms: Int


class TestVersions(Body, frozen=True, kw_only=True):
    """The versions of a test, the newest first; `next` continues the list."""

    __test__ = False

    test_id: str
    versions: list[TestVersion]
    next: str | None
