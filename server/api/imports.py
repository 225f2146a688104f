"""Exams that are brought as files: stored whole, or not at all."""

import asyncio
from typing import Annotated, Final, Literal

from msgspec import Meta
from msgspec.structs import asdict

from protocol import limits
from protocol.codes import Code
from protocol.content import TestContent
from protocol.errors import Refused, refuse
from protocol.lint import lint
from protocol.messages.base import NO_NUL, Id
from protocol.rest.imports import ImportedItem, ImportReply
from protocol.rules.rights import Act
from server.api.endpoint import Call, Endpoint
from server.api.lookup import any_whole_test, named_address, whole_test
from server.api.query import Query
from server.bringing import WAIT_S
from server.importing import apart
from server.importing.faults import ImportFault
from server.media.looking import Looked
from server.media.storing import store_media

_SAID: Final = 5
"""Items that a refusal names; a dry run names them all."""
_NAME: Final = Annotated[str, Meta(min_length=1, max_length=limits.MAX_ID_CHARS, pattern=NO_NUL)]
_TITLE: Final = Annotated[str, Meta(min_length=1, max_length=300, pattern=NO_NUL)]
_YES: Final = Literal["yes", "no"]


async def import_(call: Call) -> ImportReply:
    any_whole_test(call)
    query = call.query
    dry_run, leave_out = (query.get(name, "no") == "yes" for name in ("dry_run", "leave_out"))
    try:
        order = apart.Order(query.get("name", "the file"), query.get("title"))
        read = await call.node.bringing.read(call.principal.org_id, order, call.body)
    except ImportFault as fault:
        raise Refused(refuse(Code.INVALID_TEST, str(fault))) from None
    named = read.test_id or query.get("test_id")
    test_id = None if named is None else named_address("test_id", named)
    if test_id is not None:
        _may_store(call, test_id)
    version: int | None = None
    if read.content is not None:
        call.node.tests.refuse_kept_long(read.content)
    if not dry_run:
        version = await _store(call, test_id, _whole(read, leave_out=leave_out), read)
    return ImportReply(
        test_id=test_id,
        version=version,
        items=[ImportedItem(**asdict(report)) for report in read.reports],
        files=len(read.files),
        remarks=read.seasons,
        findings=[] if read.content is None else await asyncio.to_thread(lint, read.content),
    )


def _may_store(call: Call, test_id: str) -> None:
    if not call.principal.may_see_test(test_id):
        raise Refused(refuse(Code.NOT_FOUND))
    whole_test(call, test_id)


def _whole(read: apart.Answer, *, leave_out: bool) -> TestContent:
    """The test, if all of the file was taken. Raises `Refused(invalid_test)` otherwise."""
    refused = [report for report in read.reports if report.outcome == "refused"]
    if read.content is not None and (leave_out or not refused):
        return read.content
    more = len(refused) - _SAID
    said = "; ".join(f"{one.item}: {' '.join(one.reasons)}" for one in refused[:_SAID])
    said += f"; and {more} more" if more > 0 else ""
    raise Refused(refuse(Code.INVALID_TEST, f"Nothing was stored, since not all could be taken: {said}"))


async def _store(call: Call, test_id: str | None, content: TestContent, read: apart.Answer) -> int:
    if test_id is None:
        raise Refused(refuse(Code.MISSING_FIELD, "The file does not say the id of its test: name it as `test_id`."))
    node, org_id = call.node, call.principal.org_id
    files = {
        name: Looked(file.data, file.type, file.element, file.width, file.height, [])  # type: ignore[arg-type]
        for name, file in read.files.items()
    }
    now_ms = node.clock.now_ms()
    await store_media(node.media, org_id, files, node.settings.media_quota_bytes, now_ms)
    version = await node.tests.put(org_id, test_id, content, now_ms, call.principal.actor)
    node.following.stored(org_id, test_id)
    return version


ENDPOINTS = [
    Endpoint(
        method="POST",
        path="/imports",
        summary="Store a test from a file of any format that is known; or only look at it (`dry_run=yes`).",
        handle=import_,
        reply=ImportReply,
        act=Act.WRITE_TESTS,
        query=(
            Query("test_id", Id),
            Query("title", _TITLE),
            Query("name", _NAME),
            Query("dry_run", _YES),
            Query("leave_out", _YES),
        ),
        refusals=(
            Code.NOT_FOUND,
            Code.MISSING_FIELD,
            Code.INVALID_ID,
            Code.INVALID_TEST,
            Code.MEDIA_FULL,
            Code.UPGRADE_UNDER_WAY,
            Code.OVERLOADED,
        ),
        patience_s=WAIT_S,
        late=Code.OVERLOADED,
        raw=True,
        max_body_bytes=limits.MAX_IMPORT_BYTES,
    ),
]
