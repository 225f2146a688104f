"""Bodies about tests."""

from protocol.messages.base import Int
from protocol.rest.body import Body


class TestStored(Body, frozen=True, kw_only=True):
    """A test was stored; attempts that start from now on use this version. The same content is the same version."""

    __test__ = False

    test_id: str
    version: Int


class TestSummary(Body, frozen=True, kw_only=True):
    """What staff see of a test in a list."""

    __test__ = False

    test_id: str
    version: Int
    title: str
    question_total: Int
    created_at_ms: Int


class TestList(Body, frozen=True, kw_only=True):
    """The tests of the organisation, newest version each."""

    __test__ = False

    tests: list[TestSummary]
