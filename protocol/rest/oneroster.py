"""Bodies about OneRoster files."""

from protocol.messages.base import Int
from protocol.rest.body import Body


class OneRosterMistake(Body, frozen=True, kw_only=True):
    """What is wrong in a file: `line` counts from 1, 0 where the whole file is meant."""

    file: str
    line: Int
    reason: str


class OneRosterReply(Body, frozen=True, kw_only=True):
    """What came of the files, or what a dry run says that would come of them. `joined` and `left` count members of
    groups. `mistakes` are those that a dry run has found (the first hundred): then nothing is counted."""

    people_made: Int = 0
    people_changed: Int = 0
    people_unchanged: Int = 0
    people_removed: Int = 0
    groups_made: Int = 0
    groups_changed: Int = 0
    groups_removed: Int = 0
    joined: Int = 0
    left: Int = 0
    mistakes: list[OneRosterMistake]
