"""Who is to sit a test and has not come yet."""

from protocol.messages.base import Int
from protocol.rest.body import Body


class ExpectedPerson(Body, frozen=True, kw_only=True):
    """Enrolled, with no attempt. `name` is blank where nobody has said one."""

    user_id: str
    name: str
    branch_id: str | None


class ExpectedList(Body, frozen=True, kw_only=True):
    """In the order of their ids, a page at a time; `total` is how many there are in all. `closed`: the test's window is
    over, so that they are absent. `next` continues the list."""

    total: Int
    closed: bool
    people: list[ExpectedPerson]
    next: str | None
