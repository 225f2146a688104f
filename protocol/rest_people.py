"""Bodies of the REST API about people: who there is, groups, enrolments, what is granted, rosters, schedules."""

from typing import Annotated

from msgspec import Meta

from protocol import limits
from protocol.messages import NO_NUL, Id, Int, Text
from protocol.rest import Body
from protocol.rules.overrides import Override

PersonName = Annotated[str, Meta(min_length=1, max_length=limits.MAX_NAME_CHARS, pattern=NO_NUL)]
Email = Annotated[str, Meta(min_length=3, max_length=320, pattern=NO_NUL)]
Title = Annotated[str, Meta(min_length=1, max_length=300, pattern=NO_NUL)]
Reason = Annotated[Text, Meta(pattern=NO_NUL)]


class PersonBody(Body, frozen=True, kw_only=True):
    """What is to be known of a person, instead of what was known before."""

    name: PersonName
    email: Email | None = None
    branch_id: Id | None = None


class PersonReply(Body, frozen=True, kw_only=True):
    """A person, and the groups that she is in."""

    user_id: str
    name: str
    email: str | None
    branch_id: str | None
    groups: list[str]


class PersonSummary(Body, frozen=True, kw_only=True):
    """A person in a list."""

    user_id: str
    name: str
    email: str | None
    branch_id: str | None


class PersonList(Body, frozen=True, kw_only=True):
    """People in the order of their ids; `next` continues the list."""

    people: list[PersonSummary]
    next: str | None


class Removed(Body, frozen=True, kw_only=True):
    """It is gone; `removed` is false where it was not there."""

    removed: bool


class GroupBody(Body, frozen=True, kw_only=True):
    """A class, a room, a list of people."""

    title: Title


class GroupReply(Body, frozen=True, kw_only=True):
    """A group, and how many are in it."""

    group_id: str
    title: str
    member_total: Int


class GroupList(Body, frozen=True, kw_only=True):
    """Groups in the order of their ids; `next` continues the list."""

    groups: list[GroupReply]
    next: str | None


class MemberReply(Body, frozen=True, kw_only=True):
    """This user is in this group."""

    group_id: str
    user_id: str


class MemberList(Body, frozen=True, kw_only=True):
    """The users in a group, in the order of their ids; `next` continues the list."""

    user_ids: list[str]
    next: str | None


class EnrolmentBody(Body, frozen=True, kw_only=True):
    """Enrol a user or a group for a test, or for all tests of a course: name one of each two. `access_code` is a code
    of her own instead of the test's, `form_id` the form that she sits."""

    test_id: Id | None = None
    course_id: Id | None = None
    user_id: Id | None = None
    group_id: Id | None = None
    access_code: Annotated[str, Meta(min_length=1, max_length=200)] | None = None
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


class OverrideBody(Body, frozen=True, kw_only=True):
    """What a user or a group is granted in place of the rules, instead of what was granted before. Open attempts follow
    at once; none that has started loses time by it."""

    override: Override
    reason: Reason = ""


class OverrideReply(Body, frozen=True, kw_only=True):
    """What a user or a group is granted, at one test or (`test_id` nil) at every test; when it was said, by whom, and
    why."""

    test_id: str | None
    user_id: str | None
    group_id: str | None
    override: Override
    changed_at_ms: Int
    changed_by: str
    reason: str


class OverrideList(Body, frozen=True, kw_only=True):
    """Overrides of groups first, then those of users, each kind in the order of ids. `next` continues the list."""

    overrides: list[OverrideReply]
    next: str | None


class RosterBody(Body, frozen=True, kw_only=True):
    """A roster for a test, or for all tests of a course: name one of the two. `csv` is the whole table as text. With
    `dry_run` it is only looked at."""

    test_id: Id | None = None
    course_id: Id | None = None
    csv: Annotated[str, Meta(max_length=limits.MAX_ROSTER_BYTES)]
    dry_run: bool = False


class RosterMistake(Body, frozen=True, kw_only=True):
    """What is wrong, where: `line` counts from 1, `column` is nil where the whole line is meant."""

    line: Int
    column: str | None
    reason: str


class RosterReply(Body, frozen=True, kw_only=True):
    """How many people of the roster are new, were changed, or were known exactly so. `mistakes` are those that a dry
    run has found (the first thousand): then nothing is counted."""

    made: Int
    changed: Int
    unchanged: Int
    mistakes: list[RosterMistake]


class ScheduleTrouble(Body, frozen=True, kw_only=True):
    """What is wrong, in a sentence; `user_id` nil: for everybody who was granted nothing. `missing_ms` is how much too
    short it is."""

    trouble: str
    detail: str
    user_id: str | None
    missing_ms: Int | None


class ScheduleWarnings(Body, frozen=True, kw_only=True):
    """Of so many `candidates` (enrolled, granted something, or with an attempt that has not started): `total` warnings,
    the first 500 of them here."""

    test_id: str
    candidates: Int
    total: Int
    warnings: list[ScheduleTrouble]
