"""Records as a newer version would write them: of a kind, or with a field, that this one does not know."""

from typing import Any, Final

import msgspec
from sqlalchemy import Connection, insert, select

from protocol.attempt.chain import digest_of, header_of, link
from storage.database import Database
from storage.schema import attempt_keys, attempt_log

NEW_KIND: Final = {"t": "noted", "text": "what nobody here knows"}


def new_record(
    head: bytes, key: bytes, seq: int, at_ms: int, fact: dict[str, Any], role: str = "candidate"
) -> dict[str, Any]:
    """The columns of record `seq` after the hash `head`."""
    body = msgspec.msgpack.encode({"by": "somebody", "fact": fact})
    digest = digest_of(key, body)
    values = {"seq": seq, "at_ms": at_ms, "kind": fact["t"], "role": role, "digest": digest, "body": body}
    return {**values, "hash": link(head, header_of(seq, at_ms, fact["t"], role), digest)}


async def append_new(
    database: Database, attempt_id: str, fact: dict[str, Any] | None = None, role: str = "candidate"
) -> int:
    """Adds a record to the attempt's log, and returns its number."""

    def work(connection: Connection) -> int:
        log = attempt_log.c
        last = connection.execute(
            select(log.seq, log.hash, log.at_ms).where(log.attempt_id == attempt_id).order_by(log.seq.desc()).limit(1)
        ).one()
        key = connection.execute(select(attempt_keys.c.key).where(attempt_keys.c.attempt_id == attempt_id)).scalar_one()
        values = new_record(last.hash, key, last.seq + 1, last.at_ms, fact or NEW_KIND, role)
        connection.execute(insert(attempt_log).values(attempt_id=attempt_id, written_at_ms=last.at_ms, **values))
        return int(last.seq) + 1

    return await database.write(work)
