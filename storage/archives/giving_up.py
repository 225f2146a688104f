"""The transaction in which the database gives up a log that is in an archive."""

from sqlalchemy import Connection, delete, insert, select, update

from protocol.attempt.chain import seal
from protocol.attempt.facts import Archived
from protocol.attempt.kinds import KIND_OF
from protocol.attempt.model import Actor
from storage.archives.choosing import IS_SETTLED
from storage.archives.format import ArchivedAttempt
from storage.schema import archived_logs, attempt_keys, attempt_log, snapshots, test_attempts


def give_up(connection: Connection, *, one: ArchivedAttempt, archive: str, by: Actor, now_ms: int) -> bool:
    """False: nothing was changed, since the log has gone on, or went before. Raises `IntegrityError` where somebody
    appends at this moment."""
    attempt_id, log = one.attempt_id, attempt_log.c
    table = test_attempts.c
    # Every writer locks the attempt's row first: whoever erases the person comes before or after.
    locked = connection.execute(
        select(table.attempt_id, table.org_id).where(table.attempt_id == attempt_id).with_for_update()
    ).first()
    if locked is None:
        return False
    settled = connection.execute(select(table.attempt_id).where(table.attempt_id == attempt_id, IS_SETTLED)).first()
    last = connection.execute(
        select(log.seq, log.hash).where(log.attempt_id == attempt_id).order_by(log.seq.desc()).limit(1)
    ).first()
    if settled is None or last is None or (last.seq, last.hash) != (one.seq, one.head):
        return False
    key = connection.execute(select(attempt_keys.c.key).where(attempt_keys.c.attempt_id == attempt_id)).scalar_one()
    record = seal(one.head, key, one.seq + 1, now_ms, by, Archived(archive))
    connection.execute(
        insert(attempt_log).values(
            attempt_id=attempt_id,
            seq=one.seq + 1,
            at_ms=now_ms,
            kind=KIND_OF[Archived].tag,
            role=by.role.value,
            digest=record.digest,
            body=record.body,
            hash=record.hash,
            written_at_ms=now_ms,
        )
    )
    connection.execute(delete(attempt_log).where(log.attempt_id == attempt_id, log.seq <= one.seq))
    connection.execute(delete(snapshots).where(snapshots.c.attempt_id == attempt_id))
    # It may have been in an archive before, and have come back.
    connection.execute(delete(archived_logs).where(archived_logs.c.attempt_id == attempt_id))
    connection.execute(
        insert(archived_logs).values(
            attempt_id=attempt_id,
            org_id=locked.org_id,
            archive=archive,
            seq=one.seq,
            head=one.head,
            archived_at_ms=now_ms,
        )
    )
    connection.execute(
        update(test_attempts)
        .where(table.attempt_id == attempt_id)
        .values(seq=one.seq + 1, archived_at_ms=now_ms, wake_at_ms=None)
    )
    return True
