"""Who may be enrolled at the moment, by herself or as a member of a group: noted for the checker as soon as it changes.

What was asked for counts from when it is asked, what is taken back until the server has said so: in between nobody
knows.
"""

from collections import Counter
from collections.abc import Iterable

from loadtest.checker.history import Enrolment
from tests.simulation.plan import TEST, Deed
from tests.simulation.recorder import Recorder

_GIVES = {"enrol": "herself", "enrol_group": "group", "join": "member"}
_TAKES = {"unenrol": "herself", "leave": "member"}
Way = tuple[str, str, str]
"""(organisation, what, user): "herself" and "member" are of a user, "group" is of everybody."""


class Enrolled:
    """`users` are those of every organisation."""

    def __init__(self, recorder: Recorder, users: Iterable[tuple[str, str]]) -> None:
        self._recorder = recorder
        self._users = list(users)
        self._open: set[Way] = set()
        self._asked: Counter[Way] = Counter()
        self._noted: set[tuple[str, str]] = set()

    def asked(self, deed: Deed) -> None:
        """The office begins to ask for this."""
        if deed.kind in _GIVES:
            way = _way(deed, _GIVES[deed.kind])
            self._asked[way] += 1
            self._open.add(way)
            self._note()

    def answered(self, deed: Deed, *, done: bool) -> None:
        """It has its answer, or has none and asks no more."""
        if deed.kind in _GIVES and done:
            self._asked[_way(deed, _GIVES[deed.kind])] -= 1
        elif deed.kind in _TAKES and done and not self._asked[way := _way(deed, _TAKES[deed.kind])]:
            self._open.discard(way)
            self._note()

    def _note(self) -> None:
        for org, user in self._users:
            may_be = (org, "herself", user) in self._open or (
                (org, "group", "") in self._open and (org, "member", user) in self._open
            )
            if may_be != ((org, user) in self._noted):
                self._noted ^= {(org, user)}
                self._recorder.note(
                    Enrolment(
                        at_ms=self._recorder.now_ms(),
                        who="the office",
                        org_id=org,
                        test_id=TEST,
                        user_id=user,
                        enrolled=may_be,
                    )
                )


def _way(deed: Deed, what: str) -> Way:
    return deed.org, what, "" if what == "group" else deed.user
