"""What lists can be asked for: filters, `sort` (the name of a field; with a minus before it, from the greatest on), and
the page: `next` of one page is `after` of the following, with the same filters and the same `sort`."""

from typing import TypedDict


class Paged(TypedDict, total=False):
    """A page of a list."""

    sort: str | None
    after: str | None
    limit: int | None


class FoundTests(Paged, total=False):
    """`search`: words that stand in the title or the id."""

    search: str | None
    updated_since_ms: int | None


class FoundRooms(Paged, total=False):
    """Tests that are sat between two instants, or now."""

    from_ms: int | None
    until_ms: int | None
    search: str | None


class FoundVersions(Paged, total=False):
    """Versions of a test."""

    created_since_ms: int | None


class OfTest(Paged, total=False):
    """Attempts at a test, or their candidates. `status`: one or some, with commas between them."""

    user_id: str | None
    branch_id: str | None
    group_id: str | None
    status: str | None


class FoundIncidents(OfTest, total=False):
    """Outages that were over at `since_ms` or later."""

    since_ms: int | None


class FoundResults(OfTest, total=False):
    """Candidates with results that have changed at `updated_since_ms` or later."""

    updated_since_ms: int | None


class FoundExpected(Paged, total=False):
    """People of a group or a branch."""

    group_id: str | None
    branch_id: str | None


class FoundPeople(FoundExpected, total=False):
    """`search`: words that stand in the name, the id or the address. `active`: whether their accounts are on."""

    search: str | None
    active: bool | None
    updated_since_ms: int | None


class FoundGroups(Paged, total=False):
    """`search`: words that stand in the title or the id. `user_id`: the groups that this user is in."""

    search: str | None
    user_id: str | None


class FoundMembers(Paged, total=False):
    """Members of a branch."""

    branch_id: str | None


class Whose(Paged, total=False):
    """`kind` is user or group."""

    kind: str | None
    user_id: str | None
    group_id: str | None


class FoundEnrolments(Whose, total=False):
    """Of a test or of a course."""

    test_id: str | None
    course_id: str | None


class FoundOverrides(Whose, total=False):
    """Those that were changed at `updated_since_ms` or later."""

    updated_since_ms: int | None


class FoundTargets(Paged, total=False):
    """`refused`: those alone that were refused."""

    refused: bool | None


class FoundKeys(Paged, total=False):
    """Keys of a role or of a service."""

    role: str | None
    user_id: str | None


class FoundSubscriptions(Paged, total=False):
    """`kind` is webhook, stream or mail."""

    kind: str | None
    enabled: bool | None


class FoundDeliveries(Paged, total=False):
    """`state` is waiting, delivered or dead."""

    subscription_id: str | None
    state: str | None
