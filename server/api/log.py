"""The log of one attempt, record by record with its bytes and hashes, for whoever audits or verifies it.

Whoever may not read answers, or results, is not shown the records that say them.
"""

from base64 import b64encode
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

from protocol.attempt.chain import header_of
from protocol.attempt.kinds import KINDS
from protocol.codes import Code
from protocol.errors import Refused
from protocol.messages.base import Int
from protocol.rest.logs import LogEntry, LogPage
from protocol.rules.audit import LogRead
from protocol.rules.rights import Act
from server.access.principal import Principal
from server.api.endpoint import Call, Endpoint
from server.api.lookup import find_attempt
from server.api.query import Query
from storage.attempts import KeptRecord

_PAGE: Final = 1_000
_READS: Final = {kind.tag: kind.reads for kind in KINDS}
"""Tag of a fact → the act that it takes to read what its record says."""


async def get_log(call: Call) -> LogPage:
    attempt_id = await _find(call)
    after: int = call.query.get("after", 0)
    limit: int = call.query.get("limit", _PAGE)
    # One record more than asked for shows whether there is a next page.
    attempts = call.node.attempts.for_org(call.principal.org_id)
    rows = await attempts.kept(attempt_id, after, limit + 1)
    key = await attempts.key(attempt_id)
    card = await attempts.identity(attempt_id)
    assert card is not None, "an attempt that was found has a row"
    await call.was_read(LogRead(card.test_id, attempt_id, card.user_id, after))
    more = len(rows) > limit
    entries = [_entry(row, withheld=not _reads(call.principal, row.line.kind)) for row in rows[:limit]]
    return LogPage(
        attempt_id=attempt_id,
        key=(key or b"").hex() if _reads_all(call.principal) else "",
        entries=entries,
        next=entries[-1].seq if more else None,
    )


async def _find(call: Call) -> str:
    """The attempt's id. Its log can be had after its candidate was erased too, and where only newer nodes know all that
    it says: the bytes are there, and the chain holds."""
    try:
        return (await find_attempt(call)).attempt_id
    except Refused as error:
        if error.refusal.code not in (Code.ERASED, Code.NEWER_LOG):
            raise
        return call.path["attempt_id"].lower()


def _reads_all(principal: Principal) -> bool:
    return all(principal.may(act) for act in _READS.values())


def _reads(principal: Principal, kind: str) -> bool:
    """Whether the caller may read what a record of this kind says. Of a kind that is not known here: whoever may read
    everything."""
    act = _READS.get(kind)
    return _reads_all(principal) if act is None else principal.may(act)


def _entry(row: KeptRecord, *, withheld: bool = False) -> LogEntry:
    """Bytes that were tampered with are shown as they are: failing on them would hide the tampering."""
    line = row.line
    body = b"" if withheld else line.body or b""
    said = _read(body)
    fact = said.get("fact")
    return LogEntry(
        seq=line.seq,
        at_ms=line.at_ms,
        written_at_ms=row.written_at_ms,
        role=line.role,
        by=str(said.get("by", "")),
        kind=line.kind,
        fact=fact if isinstance(fact, dict) else {},
        header=b64encode(header_of(line.seq, line.at_ms, line.kind, line.role)).decode(),
        digest=line.digest.hex(),
        body=b64encode(body).decode(),
        hash=line.hash.hex(),
        withheld=withheld and line.body is not None,
    )


def _read(body: bytes) -> dict[str, Any]:
    try:
        said = msgspec.msgpack.decode(body, type=dict[str, Any])
        # A value that is no JSON could not be sent.
        msgspec.json.encode(said)
    except (ValueError, TypeError, RecursionError):
        return {}
    return said


ENDPOINTS = [
    Endpoint(
        method="GET",
        path="/test-attempts/{attempt_id}/log",
        summary="The records of an attempt, with their bytes and hashes.",
        handle=get_log,
        reply=LogPage,
        act=Act.READ_LOG,
        query=(Query("after", Int), Query("limit", Annotated[int, Meta(ge=1, le=_PAGE)])),
        refusals=(Code.NOT_FOUND,),
    ),
]
