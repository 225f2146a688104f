"""Bodies about who is enrolled for what."""

from typing import Annotated

from msgspec import Meta

from protocol.messages.base import NO_NUL, Id
from protocol.rest.body import Body


class EnrolmentBody(Body, frozen=True, kw_only=True):
    """Enrol a user or a group for a test, or for all tests of a course: name one of each two. `access_code` is a code
    of her own instead of the test's, `form_id` the form that she sits."""

    test_id: Id | None = None
    course_id: Id | None = None
    user_id: Id | None = None
    group_id: Id | None = None
    access_code: Annotated[str, Meta(min_length=1, max_length=200, pattern=NO_NUL)] | None = None
    form_id: Id | None = None


class EnrolmentReply(Body, frozen=True, kw_only=True):
    """Who is enrolled for what. The code itself is not kept: `has_access_code` says that there is one."""

    test_id: str | None
    course_id: str | None
    user_id: str | None
    group_id: str | None
    has_access_code: bool
    form_id: str | None


class EnrolmentList(Body, frozen=True, kw_only=True):
    """Who is enrolled for a test or a course: groups first, each kind in the order of ids. `next` continues the
    list."""

    enrolments: list[EnrolmentReply]
    next: str | None
