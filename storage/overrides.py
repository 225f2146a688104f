"""What people and groups are granted in place of the rules of a test, and what that comes to for a candidate."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from itertools import chain
from types import MappingProxyType
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import ColumnElement, Connection, and_, bindparam, delete, insert, or_, select
from sqlalchemy.sql.elements import BindParameter

from protocol import limits
from protocol.attempt.acting import granted_meanwhile
from protocol.attempt.model import OPEN, Accommodation, Actor, Role
from protocol.codes import Code
from protocol.errors import Refusal, Refused, refuse
from protocol.override import NOTHING, Override
from protocol.rules.audit import OverrideChanged, kind_of_type
from protocol.rules.overrides import over, resolve
from storage.audit import Note, append
from storage.database import Database
from storage.people import ANYBODYS, GROUP, USER, Whose
from storage.people_revisions import Changed, change, count_change
from storage.schema import audit_log, group_members, overrides, test_attempts
from storage.sorting import Sorting, ordered
from storage.staff_commands import Claim, claim_now
from storage.statements import refuse_erased

EVERY_TEST: Final = ""
_AT_ONCE: Final = 500
"""Users in one query."""

_NO_MORE: Final = "The candidate has as many further attempts as can be granted."

_encode: Final = msgspec.json.Encoder().encode
_decode: Final = msgspec.json.Decoder(Override).decode


class Who(NamedTuple):
    """A user or a group (`kind`)."""

    kind: str
    id: str


class Candidate(NamedTuple):
    """Somebody at a test."""

    test_id: str
    user_id: str


class Granted(msgspec.Struct, frozen=True):
    """One override as it is kept. `test_id` is empty for every test."""

    who: Who
    test_id: str
    override: Override
    changed_at_ms: int
    changed_by: str
    reason: str


# Composed once: they are asked with every start, and to compose one takes as long as its answer.
_granted_c, _member_c = overrides.c, group_members.c
_ORG: Final[BindParameter[str]] = bindparam("org")
_AT: Final = _granted_c.test_id.in_(bindparam("tests", expanding=True))
_OWN: Final = select(_granted_c.who_id, _granted_c.test_id, _granted_c.override).where(
    _granted_c.org_id == _ORG,
    _granted_c.who_kind == USER,
    _granted_c.who_id.in_(bindparam("users", expanding=True)),
    _AT,
)
_BY_GROUP: Final = (
    select(_member_c.user_id, _granted_c.who_id, _granted_c.test_id, _granted_c.override)
    .join(overrides, and_(_granted_c.org_id == _member_c.org_id, _granted_c.who_id == _member_c.group_id))
    .where(
        _member_c.org_id == _ORG,
        _member_c.user_id.in_(bindparam("users", expanding=True)),
        _granted_c.who_kind == GROUP,
        _AT,
    )
)
_OF_GROUPS: Final = select(_granted_c.who_id, _granted_c.test_id, _granted_c.override).where(
    _granted_c.org_id == _ORG,
    _granted_c.who_kind == GROUP,
    _granted_c.who_id.in_(bindparam("groups", expanding=True)),
    _AT,
)

_said_c: Final = audit_log.c
_CHANGED: Final = (
    select(_said_c.role, _said_c.by_id)
    .where(
        _said_c.org_id == _ORG,
        _said_c.subject == bindparam("user"),
        _said_c.kind == kind_of_type(OverrideChanged),
        _said_c.at_ms >= bindparam("since"),
        or_(_said_c.test_id == bindparam("test"), _said_c.test_id.is_(None)),
    )
    .order_by(_said_c.seq)
)
"""Who changed the overrides of a user, for one test or for every test, in order. There are few, so that the database
need not be told to stop at the last: for that it might walk over the whole log."""


class Overrides:
    """The overrides of every organisation."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(
        self,
        org_id: str,
        granted: Granted,
        note: Note | None = None,
        check: Callable[[Granted | None], None] | None = None,
    ) -> int:
        """Grants, instead of what was granted before; what says nothing removes it. `check` is given what was granted
        before, and may refuse by what it raises. Returns the change's number."""

        def work(connection: Connection) -> None:
            if check is not None:
                check(find_override(connection, org_id, granted.who, granted.test_id))
            put_override(connection, org_id, granted)

        return (await change(self._database, org_id, work, note)).revision

    async def get(self, org_id: str, who: Who, test_id: str) -> Granted | None:
        """What exactly this one is granted at exactly this test."""
        return await self._database.for_org(org_id).read(
            lambda connection: find_override(connection, org_id, who, test_id)
        )

    async def remove(
        self,
        org_id: str,
        who: Who,
        test_id: str,
        note: Note | None = None,
        check: Callable[[Granted | None], None] | None = None,
    ) -> Changed[bool]:
        """False: there was no such override. `check` as in `put`."""

        def work(connection: Connection) -> bool:
            if check is not None:
                check(find_override(connection, org_id, who, test_id))
            return connection.execute(delete(overrides).where(_is(org_id, who, test_id))).rowcount > 0

        return await change(self._database, org_id, work, note)

    async def set_extra_time(
        self,
        org_id: str,
        candidate: Candidate,
        extra_time_ms: int,
        now_ms: int,
        by: Actor,
        reason: str,
        attempt_id: str | None = None,
    ) -> int | None:
        """Gives one candidate this much time more at one test, instead of whatever her own override said of the time
        there; the rest of it stays. Returns the number of the change; None: she had exactly that. Raises `Refused`
        where the candidate of `attempt_id`, if one is named, was erased."""
        test_id, who = candidate.test_id, Who(USER, candidate.user_id)

        def work(connection: Connection) -> int | None:
            if attempt_id is not None:
                refuse_erased(connection, attempt_id)
            before = find_override(connection, org_id, who, test_id)
            was = NOTHING if before is None else before.override
            override = with_extra_time(was, extra_time_ms)
            if before is not None and before.override == override:
                return None
            revision = count_change(connection, org_id)
            put_override(connection, org_id, Granted(who, test_id, override, now_ms, by.id, reason))
            append(connection, org_id, by, OverrideChanged(test_id, who.kind, who.id, reason), now_ms)
            return revision

        return await self._database.for_org(org_id).write(work)

    async def grant_attempt(
        self,
        org_id: str,
        candidate: Candidate,
        claim: Claim,
        now_ms: int,
        by: Actor,
        reason: str,
        refusal_for: Callable[[Accommodation], Refusal | None],
        seen_ms: int | None = None,
    ) -> Changed[int] | Refusal:
        """Gives one candidate one attempt more at one test than she may have now, once for each `claim`. Returns how
        many she has been given beyond the rules there. `refusal_for` says why nothing is given to somebody who is
        granted this. Nothing is given either where somebody else has changed at `seen_ms` or since what she herself is
        granted. The claim of what is refused is nobody's."""
        test_id, who = candidate.test_id, Who(USER, candidate.user_id)

        def work(connection: Connection) -> Changed[int]:
            refuse_erased(connection, claim.attempt_id)
            # Whoever repeats the command waits here, and finds the claim.
            revision = count_change(connection, org_id)
            owner, is_new = claim_now(connection, org_id, claim, now_ms)
            if owner != claim.attempt_id:
                raise Refused(refuse(Code.COMMAND_REUSED))
            before = find_override(connection, org_id, who, test_id)
            was = NOTHING if before is None else before.override
            granted = accommodations_in(connection, org_id, [candidate])[candidate]
            has = granted.extra_attempts
            if not is_new:
                return Changed(revision, has)
            other = None if seen_ms is None else _changed_by_another(connection, org_id, candidate, by, seen_ms)
            if other is not None:
                raise Refused(granted_meanwhile(other))
            if has >= limits.MAX_EXTRA_ATTEMPTS:
                raise Refused(refuse(Code.INVALID_OVERRIDE, _NO_MORE))
            refusal = refusal_for(granted)
            if refusal is not None:
                raise Refused(refusal)
            override = msgspec.structs.replace(was, extra_attempts=has + 1)
            put_override(connection, org_id, Granted(who, test_id, override, now_ms, by.id, reason))
            append(connection, org_id, by, OverrideChanged(test_id, who.kind, who.id, reason), now_ms)
            return Changed(revision, has + 1)

        try:
            return await self._database.for_org(org_id).write(work)
        except Refused as error:
            return error.refusal

    async def list(
        self,
        org_id: str,
        test_id: str,
        order: Sorting,
        limit: int,
        whose: Whose = ANYBODYS,
        since_ms: int | None = None,
    ) -> Sequence[Granted]:
        """Those for one test, or (`test_id` empty) for every test, by kind and id, or first by `changed_at_ms`; those
        that were changed at `since_ms` or later."""
        table = overrides.c
        query = select(overrides).where(table.org_id == org_id, table.test_id == test_id, *whose.conditions(table))
        if since_ms is not None:
            query = query.where(table.changed_at_ms >= since_ms)
        first = [table.changed_at_ms] if order.by == "changed_at_ms" else []
        query = ordered(query, [*first, table.who_kind, table.who_id], order).limit(limit)
        rows = await self._database.for_org(org_id).read(lambda connection: connection.execute(query).all())
        return [_granted(row) for row in rows]

    async def accommodations(self, org_id: str, candidates: Iterable[Candidate]) -> dict[Candidate, Accommodation]:
        """What each of these is granted at that test, by herself and by her groups."""
        wanted = sorted(set(candidates))
        found: dict[Candidate, Accommodation] = {}
        for begin in range(0, len(wanted), _AT_ONCE):
            work = partial(accommodations_in, org_id=org_id, page=wanted[begin : begin + _AT_ONCE])
            found |= await self._database.for_org(org_id).read(work)
        return found

    async def accommodation_with(self, org_id: str, candidate: Candidate, extra_time_ms: int | None) -> Accommodation:
        """What the candidate would be granted with this extra time of her own at the test; nil: what she is."""

        def work(connection: Connection) -> Accommodation:
            own = find_override(connection, org_id, Who(USER, candidate.user_id), candidate.test_id)
            override = NOTHING if own is None else own.override
            if extra_time_ms is not None:
                override = with_extra_time(override, extra_time_ms)
            return accommodations_in(connection, org_id, [candidate], {candidate: override})[candidate]

        return await self._database.for_org(org_id).read(work)

    async def besides_own(self, org_id: str, candidate: Candidate) -> Accommodation:
        """What the candidate is granted by her own override for every test, and by her groups."""

        def work(connection: Connection) -> Accommodation:
            return accommodations_in(connection, org_id, [candidate], {candidate: NOTHING})[candidate]

        return await self._database.for_org(org_id).read(work)

    async def open_attempts(
        self, org_id: str, who: Sequence[str] | Who, test_id: str, after: str | None, limit: int
    ) -> Sequence[str]:
        """Attempts that are open, of these users or of a group's members; at one test, or (`test_id` empty) at every
        test. In the order of their ids, behind `after`."""
        table, member = test_attempts.c, group_members.c
        query = select(table.attempt_id).where(table.org_id == org_id, table.status.in_(OPEN))
        if test_id != EVERY_TEST:
            query = query.where(table.test_id == test_id)
        if isinstance(who, Who):
            members = select(member.user_id).where(member.org_id == org_id, member.group_id == who.id)
            query = query.where(table.user_id.in_(members))
        else:
            query = query.where(table.user_id.in_(who))
        if after is not None:
            query = query.where(table.attempt_id > after)
        query = query.order_by(table.attempt_id).limit(limit)
        return await self._database.for_org(org_id).read(lambda connection: connection.execute(query).scalars().all())


def with_extra_time(override: Override, extra_time_ms: int) -> Override:
    """The override with this extra time, instead of whatever it said of the time."""
    return msgspec.structs.replace(override, extra_time_ms=extra_time_ms, extra_time_permille=None, unlimited_time=None)


def put_override(connection: Connection, org_id: str, granted: Granted) -> None:
    """Grants in a transaction; what says nothing removes what was granted."""
    connection.execute(delete(overrides).where(_is(org_id, granted.who, granted.test_id)))
    if granted.override == NOTHING:
        return
    connection.execute(
        insert(overrides).values(
            org_id=org_id,
            who_kind=granted.who.kind,
            who_id=granted.who.id,
            test_id=granted.test_id,
            override=_encode(granted.override).decode(),
            changed_at_ms=granted.changed_at_ms,
            changed_by=granted.changed_by,
            reason=granted.reason,
        )
    )


def find_override(connection: Connection, org_id: str, who: Who, test_id: str) -> Granted | None:
    """Exactly this override; None: there is none."""
    row = connection.execute(select(overrides).where(_is(org_id, who, test_id))).first()
    return None if row is None else _granted(row)


def accommodations_in(
    connection: Connection,
    org_id: str,
    page: Sequence[Candidate],
    instead: Mapping[Candidate, Override] = MappingProxyType({}),
    joining: Mapping[str, Sequence[str]] = MappingProxyType({}),
) -> dict[Candidate, Accommodation]:
    """What each is granted; `instead`: as if these were the candidates' own overrides at their tests, and (`joining`)
    these users were in these groups too."""
    users = {one.user_id for one in page}
    asked = {"org": org_id, "users": list(users), "tests": [EVERY_TEST, *{one.test_id for one in page}]}
    own: dict[tuple[str, str], Override] = {}
    for user_id, test_id, text in connection.execute(_OWN, asked):
        own[user_id, test_id] = _decode(text)
    by_group: dict[str, dict[str, dict[str, Override]]] = defaultdict(lambda: defaultdict(dict))
    for user_id, group_id, test_id, text in connection.execute(_BY_GROUP, asked):
        by_group[user_id][group_id][test_id] = _decode(text)
    groups = list({*chain(*joining.values())})
    for group_id, test_id, text in connection.execute(_OF_GROUPS, asked | {"groups": groups}) if groups else ():
        for user_id in (one for one, named in joining.items() if group_id in named):
            by_group[user_id][group_id][test_id] = _decode(text)
    return {
        one: resolve(
            instead.get(one, own.get((one.user_id, one.test_id), NOTHING)),
            own.get((one.user_id, EVERY_TEST), NOTHING),
            [
                over(of_group.get(one.test_id, NOTHING), of_group.get(EVERY_TEST, NOTHING))
                for of_group in by_group[one.user_id].values()
            ],
        )
        for one in page
    }


def _changed_by_another(
    connection: Connection, org_id: str, candidate: Candidate, by: Actor, since_ms: int
) -> Actor | None:
    """Who else than `by` was the last to change the candidate's own overrides, for this test or for every test, at
    `since_ms` or since. The audit log tells, since an override says only who changed it last, and nothing once it is
    gone."""
    asked = {"org": org_id, "user": candidate.user_id, "test": candidate.test_id, "since": since_ms}
    who = [Actor(Role(role), by_id) for role, by_id in connection.execute(_CHANGED, asked)]
    return next((one for one in reversed(who) if one != by), None)


def _granted(row: Any) -> Granted:
    return Granted(
        Who(row.who_kind, row.who_id),
        row.test_id,
        _decode(row.override),
        row.changed_at_ms,
        row.changed_by,
        row.reason,
    )


def _is(org_id: str, who: Who, test_id: str) -> ColumnElement[bool]:
    table = overrides.c
    return and_(table.org_id == org_id, table.who_kind == who.kind, table.who_id == who.id, table.test_id == test_id)
