"""Changes of an organisation's people: whom one is about, and which ones a node knows of."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec

from protocol.attempt.model import Identity
from storage.overrides import EVERY_TEST, Who
from storage.people import USER

MOST_NAMED: Final = 100
"""Users and groups that a message to other nodes names. What concerns more of them concerns anybody there."""


class Change(msgspec.Struct, frozen=True):
    """One change, by its number in the organisation. `who`: whose attempts depend on it; nil: anybody's may. At one
    test, or (`test_id` empty) at every test."""

    revision: int
    who: tuple[Who, ...] | None
    test_id: str

    def shortened(self) -> "Change":
        """The same, short enough for a message."""
        if self.who is None or len(self.who) <= MOST_NAMED:
            return self
        return msgspec.structs.replace(self, who=None)


class Known:
    """The numbers of the changes that a node knows of: all up to `revision`, and some beyond."""

    def __init__(self, revision: int) -> None:
        self.revision = revision
        self._beyond: set[int] = set()

    def add(self, revision: int) -> None:
        """This one is known too."""
        if revision > self.revision:
            self._beyond.add(revision)
            while self.revision + 1 in self._beyond:
                self.revision += 1
                self._beyond.discard(self.revision)


class Concerned:
    """Whose attempts some changes are about. `members`: test → the users in the groups that changes at that test
    name."""

    def __init__(self, changes: Sequence[Change], members: Mapping[str, Iterable[str]]) -> None:
        self._anybody = any(change.who is None for change in changes)
        self._users: dict[str, set[str]] = {test_id: set(user_ids) for test_id, user_ids in members.items()}
        for test_id, user_ids in named(changes, USER).items():
            self._users.setdefault(test_id, set()).update(user_ids)

    def at(self, test_id: str) -> bool:
        """Whether somebody's attempt at this test may be meant."""
        return self._anybody or EVERY_TEST in self._users or test_id in self._users

    def has(self, identity: Identity) -> bool:
        """Whether this attempt is meant."""
        if self._anybody:
            return True
        user_id = identity.user_id
        return user_id in self._users.get(EVERY_TEST, ()) or user_id in self._users.get(identity.test_id, ())


def named(changes: Iterable[Change], kind: str) -> dict[str, list[str]]:
    """Test → the ids of the users, or of the groups, that changes at that test name, each once and in their order."""
    found: dict[str, set[str]] = {}
    for change in changes:
        ids = {who.id for who in change.who or () if who.kind == kind}
        if ids:
            found.setdefault(change.test_id, set()).update(ids)
    return {test_id: sorted(ids) for test_id, ids in sorted(found.items())}


ANYBODY: Final = Concerned([Change(0, None, EVERY_TEST)], {})
