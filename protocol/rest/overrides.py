"""Bodies about what people are granted in place of the rules."""

from protocol.messages.base import Int, Text
from protocol.override import Override
from protocol.rest.body import Body

Reason = Text


class OverrideBody(Body, frozen=True, kw_only=True):
    """What a user or a group is granted in place of the rules, instead of what was granted before. Open attempts follow
    at once; none that has started loses time by it."""

    override: Override
    reason: Reason = ""


class OverrideReply(Body, frozen=True, kw_only=True):
    """What a user or a group is granted, at one test or (`test_id` nil) at every test; when it was said, by whom, and
    why. `etag` is the tag of this state, also in a list: whoever changes it sends it as `If-Match`."""

    test_id: str | None
    user_id: str | None
    group_id: str | None
    override: Override
    changed_at_ms: Int
    changed_by: str
    reason: str
    etag: str


class OverrideList(Body, frozen=True, kw_only=True):
    """Overrides of groups first, then those of users, each kind in the order of ids. `next` continues the list."""

    overrides: list[OverrideReply]
    next: str | None
