"""The organisation's audit log, entry by entry with its bytes and hashes."""

from base64 import b64encode
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

from protocol.attempt.chain import header_of
from protocol.messages.base import Id, Int
from protocol.rest.logs import AuditEntry, AuditPage
from protocol.rules.audit import Kept, read_body
from protocol.rules.rights import Act
from server.api.endpoint import Call, Endpoint
from server.api.lookup import whole_organisation
from server.api.query import Query

_PAGE: Final = 1_000
_FILTERS: Final = (
    Query("kind", Id),
    Query("subject", Id),
    Query("by", Id),
    Query("test_id", Id),
    Query("from_ms", Int),
    Query("until_ms", Int),
)
"""Entries of this kind, about this person, by whom, about which test, and when."""


async def get_audit(call: Call) -> AuditPage:
    whole_organisation(call)
    org_id = call.principal.org_id
    filters: dict[str, Any] = {query.name: call.query.get(query.name) for query in _FILTERS}
    limit: int = call.query.get("limit", _PAGE)
    # One entry more than asked for shows whether there is a next page.
    after, before = call.query.get("after", 0), call.query.get("before")
    kept = await call.node.audit.page(org_id, after=after, before=before, limit=limit + 1, **filters)
    entries = [_entry(one) for one in kept[:limit]]
    return AuditPage(org_id=org_id, entries=entries, next=entries[-1].seq if len(kept) > limit else None)


def _entry(kept: Kept) -> AuditEntry:
    line = kept.line
    body = line.body or b""
    said = read_body(body)
    return AuditEntry(
        seq=line.seq,
        at_ms=line.at_ms,
        role=line.role,
        by="" if said is None else said.by,
        kind=line.kind,
        subject=None if said is None else said.entry.subject,
        entry={} if said is None else msgspec.to_builtins(said.entry),
        header=b64encode(header_of(line.seq, line.at_ms, line.kind, line.role)).decode(),
        digest=line.digest.hex(),
        key=(kept.key or b"").hex(),
        body=b64encode(body).decode(),
        hash=line.hash.hex(),
    )


ENDPOINTS = [
    Endpoint(
        method="GET",
        path="/audit",
        summary="The audit log of the organisation: what was changed, what was read, tokens, exports, erasures.",
        handle=get_audit,
        reply=AuditPage,
        act=Act.READ_AUDIT,
        query=(
            Query("after", Int),
            Query("before", Int),
            Query("limit", Annotated[int, Meta(ge=1, le=_PAGE)]),
            *_FILTERS,
        ),
    ),
]
