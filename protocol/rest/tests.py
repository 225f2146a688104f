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
    """The tests of the organisation that the caller may see, newest version each. `acts` are what her role may do, and
    `gives` the roles of which she may give tokens."""

    __test__ = False

    tests: list[TestSummary]
    acts: list[str]
    gives: list[str]
