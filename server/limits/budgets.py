"""Rate limits of one person on this node: operations, bytes and connections, over all sockets and REST together.

A person whose budget is spent has to wait, and is neither refused for good nor disconnected. The budget belongs to the
person and not to the connection, so connecting again does not renew it.
"""

from typing import Final

from protocol import limits
from protocol.attempt.digests import asks_log
from protocol.attempt.model import Attempt, Role
from protocol.codes import Code
from protocol.errors import Refusal, Refused, refuse
from protocol.messages.operations import Operation
from protocol.rate import NS_IN_MS, Bucket
from server.access.principal import Principal
from server.clock import Clock
from server.metrics.tally import Tally
from server.settings import Settings

_SERVICE_TIMES: Final = 40
"""A service acts for many people, so it has the budget of this many."""
_PARTS: Final = 1_000
"""Units per operation: fine enough for its cost to fall smoothly with the number of people."""
_PEOPLE: Final = 1_000
"""Number of budgets kept before a search forgets the full ones."""


class Paced(Refused):
    """Too much at once."""

    def __init__(self, after_ms: int) -> None:
        super().__init__(refuse(Code.RATE_LIMITED), after_ms)
        self.after_ms: int = after_ms


class _Organisation:
    """The budget of a whole organisation. `people`: how many of its people have a budget here at the moment; `cost`: of
    one operation."""

    __slots__ = ("_per_second", "bucket", "cost", "people")

    def __init__(self, per_second: int) -> None:
        self._per_second = per_second
        self.people = 0
        self.cost = _PARTS
        self.bucket = Bucket(per_second * _PARTS, 2 * per_second * _PARTS)

    def count(self, people: int) -> None:
        """So many more of its people, or fewer. The budget grows with them: an operation costs less."""
        self.people += people
        self.cost = _PARTS * self._per_second // (self._per_second + limits.SHARE_PER_SECOND * self.people)


class Budget:
    """The budget of one user of one organisation. `forgotten`: there is, or will be, another one in its place, which is
    as full as this one was."""

    __slots__ = (
        "_hasty_ns",
        "_spent_ns",
        "_tally",
        "connects",
        "forgotten",
        "octets",
        "operations",
        "organisation",
        "share",
        "spacing",
    )

    def __init__(self, settings: Settings, organisation: _Organisation, times: int, tally: Tally) -> None:
        self._tally = tally
        self.forgotten = False
        self.organisation = organisation
        self.operations = Bucket(settings.rate_per_second * times, settings.rate_burst * times)
        self._spent_ns = 0
        """What is taken from `operations`, as of the last charge."""
        self._hasty_ns = (limits.SEND_WINDOW * times + 1) * self.operations.each_ns
        self.octets = Bucket(settings.bytes_per_second * times, limits.BYTES_BURST * times)
        self.share = Bucket(limits.SHARE_PER_SECOND * times, settings.rate_burst * times)
        self.connects = Bucket(settings.connects_per_minute, limits.CONNECTS_BURST, per_s=60)
        self.spacing = Bucket(limits.CONNECTS_PER_SECOND, limits.CONNECTS_UNSPACED)

    def charge(self, now_ms: int, operations: int, size: int) -> int:
        """Charges operations and bytes (`size`). Returns in how many milliseconds the next message may be read."""
        # `Bucket.charge` four times, written out: it is done for each answer, and the calls took longer than the sums.
        now_ns = now_ms * NS_IN_MS
        bucket = self.operations
        at_ns = bucket.full_at_ns
        if at_ns < now_ns:
            at_ns = now_ns
        bucket.full_at_ns = at_ns = at_ns + operations * bucket.each_ns
        self._spent_ns = at_ns - now_ns
        owes = at_ns - now_ns > bucket.burst_ns
        bucket = self.octets
        at_ns = bucket.full_at_ns
        if at_ns < now_ns:
            at_ns = now_ns
        bucket.full_at_ns = at_ns = at_ns + size * bucket.each_ns
        owes = owes or at_ns - now_ns > bucket.burst_ns
        bucket = self.share
        at_ns = bucket.full_at_ns
        if at_ns < now_ns:
            at_ns = now_ns
        bucket.full_at_ns = at_ns = at_ns + operations * bucket.each_ns
        owes_share = at_ns - now_ns > bucket.burst_ns
        organisation = self.organisation
        bucket = organisation.bucket
        at_ns = bucket.full_at_ns
        if at_ns < now_ns:
            at_ns = now_ns
        bucket.full_at_ns = at_ns = at_ns + operations * organisation.cost * bucket.each_ns
        if not owes and not (owes_share and at_ns - now_ns > bucket.burst_ns):
            return 0
        return self._wait_ms(now_ms)

    def _wait_ms(self, now_ms: int) -> int:
        wait_ms = self.operations.debt_ms(now_ms)
        octets_ms = self.octets.debt_ms(now_ms)
        share_ms, together_ms = self.share.debt_ms(now_ms), self.organisation.bucket.debt_ms(now_ms)
        reason = "operations"
        if octets_ms > wait_ms:
            wait_ms, reason = octets_ms, "bytes"
        together_ms = min(share_ms, together_ms)
        if together_ms > wait_ms:
            wait_ms, reason = together_ms, "organisation"
        self._tally.paced[reason] += 1
        return wait_ms

    @property
    def hasty(self) -> bool:
        """Whether more came at once than a client sends of what it kept. Some more of it is decided at a time, and then
        others have their turn (`server/pacing/turns.py`)."""
        return self._spent_ns >= self._hasty_ns

    @property
    def ahead(self) -> int:
        """How many operations came faster than the rate, as of the last charge."""
        return self._spent_ns // self.operations.each_ns

    def is_full(self, now_ms: int) -> bool:
        """Whether the budget equals a new one, so that it may be forgotten."""
        # `Bucket.is_full` five times, written out: it is asked of everybody, again and again.
        now_ns = now_ms * NS_IN_MS
        return (
            self.operations.full_at_ns <= now_ns
            and self.octets.full_at_ns <= now_ns
            and self.share.full_at_ns <= now_ns
            and self.connects.full_at_ns <= now_ns
            and self.spacing.full_at_ns <= now_ns
        )


class Budgets:
    """The budgets of everybody who has sent something recently."""

    def __init__(self, clock: Clock, settings: Settings, tally: Tally) -> None:
        self._clock = clock
        self._settings = settings
        self._tally = tally
        self._people: dict[tuple[str, str, bool], Budget] = {}
        self._organisations: dict[str, _Organisation] = {}
        self._look_at = _PEOPLE

    def __len__(self) -> int:
        return len(self._people)

    def charge(self, principal: Principal, operations: int, size: int) -> int:
        """Charges operations and bytes (`size`). Returns in how many milliseconds the next message may be read."""
        now_ms = self._clock.now_ms()
        return self.of(principal, now_ms).charge(now_ms, operations, size)

    def is_hasty(self, principal: Principal) -> bool:
        """See `Budget.hasty`."""
        return self.of(principal, self._clock.now_ms()).hasty

    def charge_search(self, principal: Principal, attempt: Attempt, operation: Operation) -> None:
        """Charges for a search in the database, if it takes one to tell a repetition of this operation from a reuse of
        its number. It is paid for by waiting with the next message or call."""
        if asks_log(attempt, operation):
            self.charge(principal, limits.SEARCH_COST, 0)

    def charge_guess(self, principal: Principal, refusal: Refusal) -> None:
        """Charges for a wrong access code, so that nobody finds one by trying."""
        if refusal.code is Code.WRONG_CODE:
            self.charge(principal, limits.WRONG_CODE_COST, 0)

    def check(self, principal: Principal) -> None:
        """Whether a REST call may be made now. Raises `Paced`."""
        now_ms = self._clock.now_ms()
        person = self.of(principal, now_ms)
        together_ms = min(person.organisation.bucket.debt_ms(now_ms), person.share.debt_ms(now_ms))
        debt_ms = max(person.operations.debt_ms(now_ms), person.octets.debt_ms(now_ms), together_ms)
        if debt_ms > limits.REST_DEBT_MS:
            raise Paced(debt_ms - limits.REST_DEBT_MS)

    def connect(self, principal: Principal, patience_ms: int) -> int:
        """Charges one connection, and returns in how many milliseconds to let it in. Raises `Paced` if the budget makes
        that more than `patience_ms`; such a try is not charged."""
        now_ms = self._clock.now_ms()
        person = self.of(principal, now_ms)
        connects, spacing = person.connects, person.spacing
        wait_ms = connects.debt_ms(now_ms)
        if wait_ms:
            self._tally.paced["connects"] += 1
        if wait_ms > patience_ms:
            raise Paced(wait_ms)
        connects.charge(now_ms)
        apart_ms = spacing.debt_ms(now_ms)
        spacing.charge(now_ms)
        return max(wait_ms, apart_ms)

    def of(self, principal: Principal, now_ms: int, kept: Budget | None = None) -> Budget:
        """The budget of this person. Whoever keeps it looks whether it is `forgotten` before it is charged, and asks
        again then. What she has `kept` is hers again, unless there is another one in its place: to make one for each
        beat was a tenth of what a large room cost."""
        actor = principal.actor
        key = principal.org_id, actor.id, actor.role is Role.SERVICE
        person = self._people.get(key)
        return person if person is not None else self._meet(key, kept)

    def _meet(self, key: tuple[str, str, bool], kept: Budget | None) -> Budget:
        if len(self._people) >= self._look_at:
            self.forget_full()
        org_id, _, serves = key
        organisation = self._organisations.get(org_id)
        if organisation is None:
            organisation = self._organisations[org_id] = _Organisation(self._settings.org_rate_per_second)
        organisation.count(1)
        if kept is not None:
            kept.forgotten, kept.organisation = False, organisation
            person = kept
        else:
            person = Budget(self._settings, organisation, _SERVICE_TIMES if serves else 1, self._tally)
        self._people[key] = person
        return person

    def forget_full(self) -> None:
        """Forgets all full budgets. Searching them all pays only once there are many new ones, or where somebody must
        not be remembered."""
        now_ms = self._clock.now_ms()
        for key, person in list(self._people.items()):
            if person.is_full(now_ms):
                del self._people[key]
                person.forgotten = True
                person.organisation.count(-1)
        for org_id, organisation in list(self._organisations.items()):
            if not organisation.people and organisation.bucket.is_full(now_ms):
                del self._organisations[org_id]
        self._look_at = max(_PEOPLE, 2 * len(self._people))
