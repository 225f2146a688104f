"""Erases a person: what is personal goes, what is a number stays, and every chain still verifies.

Each log gets one record more, `erased`, under a new key: it says by whom and when. The bodies before it go, and the old
key. On PostgreSQL a role of its own may do that (`grants`); nodes' own role may not.
"""

from collections.abc import Sequence
from functools import partial
from secrets import token_bytes, token_hex
from typing import Final

import msgspec
from msgspec.structs import replace
from sqlalchemy import Connection, bindparam, case, delete, exists, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from protocol.attempt.chain import KEY_BYTES, seal
from protocol.attempt.facts import Connected, Erased
from protocol.attempt.kinds import KIND_OF
from protocol.attempt.model import SITTING, Actor
from protocol.events.envelope import event_id_of
from protocol.rest.results import Result
from protocol.rules.audit import PersonErased
from storage import audit, leaderboard, marking_tasks
from storage.database import Database
from storage.errors import StorageUnavailable
from storage.keyed_calls import forget_answers
from storage.people import remove_person
from storage.people_revisions import count_change
from storage.schema import (
    answer_files,
    answers,
    api_keys,
    attempt_keys,
    attempt_log,
    bulk_acts,
    bulk_targets,
    captured_pictures,
    courses,
    deliveries,
    erasures,
    events,
    mail_stops,
    outbox,
    overrides,
    regrades,
    releases,
    rest_contacts,
    result_versions,
    results,
    revocations,
    snapshots,
    staff_commands,
    subscriptions,
    test_attempts,
)
from storage.sqlite import SqliteEngine

_TRIES: Final = 5
_SINCE: Final = select(erasures.c.alias, erasures.c.org_id).where(erasures.c.erased_at_ms >= bindparam("since"))
_OF: Final = select(test_attempts.c.attempt_id).where(
    test_attempts.c.org_id == bindparam("org"), test_attempts.c.user_id == bindparam("alias")
)
_SITTING: Final = select(test_attempts.c.attempt_id).where(test_attempts.c.status.in_(SITTING)).limit(1)
OF_HER_IN_ROW: Final = (
    "accommodation",
    "act",
    "consents",
    "hand",
    "heard_ms",
    "late",
    "message",
    "pause_used_ms",
    "signals",
    "warnings",
    "worked_ms",
)
"""Fields of a monitor's row that are about her; each may be nil."""
_UNSCRUBBED: Final = select(erasures.c.alias).where(erasures.c.scrubbed.is_(False))


class _Connection(msgspec.Struct, frozen=True):
    connection_id: str


class _ConnectedBody(msgspec.Struct, frozen=True):
    """Of a body no more than is needed: a newer version may have written more."""

    fact: _Connection


_decode_body: Final = msgspec.msgpack.Decoder(_ConnectedBody).decode
_decode_data: Final = msgspec.json.Decoder(dict[str, object]).decode
_decode_result: Final = msgspec.json.Decoder(Result).decode
_encode: Final = msgspec.json.Encoder().encode


class UnderWay(Exception):
    """The person sits an exam. Nothing was erased."""


class Head(msgspec.Struct, frozen=True):
    """The last record of an erased log."""

    attempt_id: str
    seq: int
    hash: bytes


class Erasing:
    """Erases, and reads what was erased."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def erase(self, org_id: str, user_id: str, hidden: str, by: Actor, now_ms: int) -> list[Head]:
        """Erases everything of a person in one transaction; nothing to do is no error. Withdrawals of her tokens stay
        in force under the name `hidden`. Raises `UnderWay`, `NotAllowed` and `StorageUnavailable`."""
        work = partial(_erase, org_id=org_id, user_id=user_id, hidden=hidden, by=by, now_ms=now_ms)
        for _ in range(_TRIES):
            try:
                return await self._database.for_org(org_id).write(work)
            except IntegrityError:
                # Somebody has appended to one of her logs at the same moment.
                continue
        raise StorageUnavailable("her attempts are written to again and again")

    async def since(self, erased_at_ms: int) -> list[tuple[str, str]]:
        """(alias, organisation) of everybody erased from this instant on."""
        rows = await self._database.read(lambda connection: connection.execute(_SINCE, {"since": erased_at_ms}).all())
        return [(row.alias, row.org_id) for row in rows]

    async def attempts_of(self, org_id: str, alias: str) -> list[str]:
        """The attempts of somebody who was erased."""
        values = {"org": org_id, "alias": alias}
        return await self._database.for_org(org_id).read(
            lambda connection: list(connection.execute(_OF, values).scalars())
        )

    async def scrub(self) -> bool:
        """Writes an embedded database's file anew if somebody was erased since the last time, so that nothing is left
        in its unused space or in its write-ahead log. Not while somebody sits, since nothing is saved meanwhile: then
        it returns False. PostgreSQL sees to its unused space itself."""
        engine = self._database.engine
        if not isinstance(engine, SqliteEngine):
            return True
        unscrubbed, sitting = await self._database.read(
            lambda connection: (connection.execute(_UNSCRUBBED).first(), connection.execute(_SITTING).first())
        )
        if unscrubbed is None:
            return True
        if sitting is not None:
            return False
        await self._database.write(lambda connection: connection.execute(update(erasures).values(scrubbed=True)))
        await engine.scrub()
        return True


def _erase(connection: Connection, *, org_id: str, user_id: str, hidden: str, by: Actor, now_ms: int) -> list[Head]:
    table = test_attempts.c
    # Every writer locks rows in this order, so that two of them cannot block each other.
    found = connection.execute(
        select(table.attempt_id, table.status)
        .where(table.org_id == org_id, table.user_id == user_id)
        .order_by(table.attempt_id)
        .with_for_update()
    ).all()
    if any(row.status in SITTING for row in found):
        raise UnderWay
    alias = f"erased-{token_hex(8)}"
    attempt_ids = [row.attempt_id for row in found]
    acts = _lock_bulk_acts(connection, org_id, user_id, attempt_ids)
    heads = [_erase_attempt(connection, row.attempt_id, alias, by, now_ms) for row in found]
    withdrawn = connection.execute(
        update(revocations)
        .where(revocations.c.org_id == org_id, revocations.c.user_id == user_id)
        .values(user_id=hidden, reason="")
    ).rowcount
    withdrew = connection.execute(
        update(revocations)
        .where(revocations.c.org_id == org_id, revocations.c.revoked_by == user_id)
        .values(revoked_by=alias)
    ).rowcount
    # Keys that act in her name are withdrawn.
    keyed = connection.execute(
        update(api_keys)
        .where(api_keys.c.org_id == org_id, api_keys.c.user_id == user_id)
        .values(
            user_id=alias,
            name=alias,
            # As in `api_keys.later_than`, for all of them at once.
            changed_at_ms=case(
                (api_keys.c.changed_at_ms < now_ms, now_ms),
                else_=api_keys.c.changed_at_ms + 1,
            ),
            revoked_at_ms=now_ms,
        )
    ).rowcount
    known = sum(remove_person(connection, org_id, user_id).values())
    granted = connection.execute(
        update(overrides)
        .where(overrides.c.org_id == org_id, overrides.c.changed_by == user_id)
        .values(changed_by=alias)
    ).rowcount
    if known:
        count_change(connection, org_id)
    of_acts = _forget_bulk_acts(connection, org_id, acts)
    # Who acted on others is a name too.
    acted = 0
    for acted_on, column in (
        (releases, releases.c.changed_by),
        (regrades, regrades.c.by_id),
        (bulk_acts, bulk_acts.c.by_id),
        (subscriptions, subscriptions.c.changed_by),
        (api_keys, api_keys.c.made_by),
        (erasures, erasures.c.erased_by),
    ):
        of_her = (acted_on.c.org_id == org_id, column == user_id)
        acted += connection.execute(update(acted_on).where(*of_her).values({column.name: alias})).rowcount
    acted += marking_tasks.rename(connection, org_id, user_id, alias)
    emptied = tuple(sorted({*audit.about(connection, org_id, user_id), *of_acts}))
    audit.empty(connection, org_id, emptied)
    told = _forget_events(connection, org_id, user_id, of_acts)
    stops = mail_stops.c
    told += connection.execute(delete(mail_stops).where(stops.org_id == org_id, stops.user_id == user_id)).rowcount
    told += leaderboard.forget(connection, org_id, user_id)
    # Answers that are kept are sealed, and any of them may name her.
    forget_answers(connection, org_id)
    if heads or keyed or withdrawn or withdrew or known or granted or acted or emptied or told:
        row = {"alias": alias, "org_id": org_id, "erased_at_ms": now_ms, "erased_by": by.id, "scrubbed": False}
        connection.execute(insert(erasures).values(row))
        audit.append(connection, org_id, by, PersonErased(alias, len(heads), emptied), now_ms)
    return heads


def _forget_events(connection: Connection, org_id: str, user_id: str, of_acts: Sequence[int]) -> int:
    """Deletes what is about her, delivered or not, and what told these entries of the audit log. What a node takes over
    from the outbox at this moment is in `events` by now: it has locked the rows that were deleted before."""
    ids = [event_id_of(org_id, seq) for seq in of_acts]
    hers = (events.c.org_id == org_id, or_(events.c.user_id == user_id, events.c.event_id.in_(ids)))
    of_hers = deliveries.c.position.in_(select(events.c.position).where(*hers))
    connection.execute(delete(deliveries).where(deliveries.c.org_id == org_id, of_hers))
    return connection.execute(delete(events).where(*hers)).rowcount


def _erase_attempt(connection: Connection, attempt_id: str, alias: str, by: Actor, now_ms: int) -> Head:
    log = attempt_log.c
    seq, head = connection.execute(
        select(log.seq, log.hash).where(log.attempt_id == attempt_id).order_by(log.seq.desc()).limit(1)
    ).one()
    contacts = _connections(connection, attempt_id)
    record = seal(head, token_bytes(KEY_BYTES), seq + 1, now_ms, by, Erased(alias))
    # Whoever appends at this moment meets the primary key, or we do: then we look again.
    connection.execute(
        insert(attempt_log).values(
            attempt_id=attempt_id,
            seq=seq + 1,
            at_ms=now_ms,
            kind=KIND_OF[Erased].tag,
            role=by.role.value,
            digest=record.digest,
            body=record.body,
            hash=record.hash,
            written_at_ms=now_ms,
        )
    )
    connection.execute(update(attempt_log).where(log.attempt_id == attempt_id, log.seq <= seq).values(body=None))
    connection.execute(update(attempt_keys).where(attempt_keys.c.attempt_id == attempt_id).values(key=record.key))
    for gone in (snapshots, courses, answers, answer_files, captured_pictures, outbox, staff_commands, bulk_targets):
        connection.execute(delete(gone).where(gone.c.attempt_id == attempt_id))
    if contacts:
        connection.execute(delete(rest_contacts).where(rest_contacts.c.connection_id.in_(contacts)))
    marking_tasks.forget(connection, attempt_id)
    _strip_result(connection, attempt_id, alias)
    shown = connection.execute(
        select(test_attempts.c.session_data).where(test_attempts.c.attempt_id == attempt_id)
    ).scalar_one()
    connection.execute(
        update(test_attempts)
        .where(test_attempts.c.attempt_id == attempt_id)
        .values(
            user_id=alias,
            display_name="",
            navigation_history="[]",
            session_data=_encode({**_decode_data(shown), **dict.fromkeys(OF_HER_IN_ROW)}).decode(),
            ip_address=None,
            user_agent=None,
            seq=seq + 1,
            wake_at_ms=None,
            marking_seq=None,
            claimed_until_ms=None,
            erased_at_ms=now_ms,
        )
    )
    return Head(attempt_id, seq + 1, record.hash)


def _lock_bulk_acts(connection: Connection, org_id: str, user_id: str, attempt_ids: Sequence[str]) -> Sequence[str]:
    """Acts on many attempts that she gave, or that were for her. Whoever notes outcomes locks the act first, too."""
    act, target = bulk_acts.c, bulk_targets.c
    for_her = select(target.bulk_id).where(target.org_id == org_id, target.attempt_id.in_(attempt_ids))
    query = (
        select(act.bulk_id)
        .where(act.org_id == org_id, or_(act.by_id == user_id, act.bulk_id.in_(for_her)))
        .order_by(act.bulk_id)
        .with_for_update()
    )
    return connection.execute(query).scalars().all()


def _forget_bulk_acts(connection: Connection, org_id: str, bulk_ids: Sequence[str]) -> list[int]:
    """Removes those that were for nobody else: what was written to her alone is personal. Returns the numbers of their
    entries in the audit log, which have it too."""
    act, target = bulk_acts.c, bulk_targets.c
    is_for_somebody = exists().where(target.org_id == act.org_id, target.bulk_id == act.bulk_id)
    hers = (act.org_id == org_id, act.bulk_id.in_(bulk_ids), ~is_for_somebody)
    given = connection.execute(select(act.test_id, act.created_at_ms).where(*hers)).all()
    connection.execute(delete(bulk_acts).where(*hers))
    return [seq for test_id, at_ms in given for seq in audit.of_act(connection, org_id, test_id, at_ms)]


def _connections(connection: Connection, attempt_id: str) -> Sequence[str]:
    """The connections that the log names."""
    log = attempt_log.c
    bodies = connection.execute(
        select(log.body).where(log.attempt_id == attempt_id, log.kind == KIND_OF[Connected].tag, log.body.is_not(None))
    ).scalars()
    return [_decode_body(body).fact.connection_id for body in bodies]


def _strip_result(connection: Connection, attempt_id: str, alias: str) -> None:
    """Points stay; remarks, reasons and names go."""
    text = connection.execute(select(results.c.result).where(results.c.attempt_id == attempt_id)).scalar()
    if text is not None:
        kept = _stripped(text, alias)
        values = {"marks": _encode(kept.marks).decode(), "result": _encode(kept).decode()}
        connection.execute(update(results).where(results.c.attempt_id == attempt_id).values(values))
    versions = result_versions.c
    query = select(versions.version, versions.result).where(versions.attempt_id == attempt_id)
    for row in connection.execute(query).all():
        connection.execute(
            update(result_versions)
            .where(versions.attempt_id == attempt_id, versions.version == row.version)
            .values(result=_encode(_stripped(row.result, alias)).decode())
        )


def _stripped(text: str, alias: str) -> Result:
    result = _decode_result(text)
    marks = [replace(mark, remark="", marked_by=None) for mark in result.marks]
    return replace(result, user_id=alias, marks=marks, reason="", changed_by=None, warnings=None)
