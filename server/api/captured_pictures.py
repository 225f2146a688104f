"""Pictures from a candidate's camera and of her screen, where the test asks for them and she has agreed."""

import asyncio
from base64 import b64encode
from typing import Final

from protocol import limits
from protocol.attempt.decisions.rules import ended, is_late
from protocol.attempt.model import Attempt, Status
from protocol.codes import Code
from protocol.errors import Refusal, Refused, refuse
from protocol.integrity.captures import Source, kept_days, of_source, said_of, stands
from protocol.messages.base import Int
from protocol.rest.captured_pictures import CapturedPictureKept, CapturedPictureList, CapturedPictureShown
from protocol.rest.removed import Removed
from protocol.rules.audit import CapturedPicturesRead
from protocol.rules.rights import Act
from server.api.endpoint import HAS_ENDED, Call, Endpoint
from server.api.lookup import as_named, find_attempt, find_kept
from server.api.query import Query
from server.media.captured import look_at
from server.media.faults import MediaFault
from storage.captured_pictures import CapturedPicture

_PICTURES: Final = "/test-attempts/{attempt_id}/captured-pictures"
_SOURCE: Final = Query("source", Source, required=True, says="Where the pictures come from.")
_DAY_MS: Final = 24 * 3_600_000


async def keep_picture(call: Call) -> CapturedPictureKept:
    live = await find_attempt(call)
    node, org_id, now_ms = call.node, call.principal.org_id, call.node.clock.now_ms()
    if node.capacity.busy:
        # Answers come first: the page takes the next picture when it is time for it.
        raise Refused(refuse(Code.OVERLOADED))
    # She may have taken her agreement back at another node.
    attempt = await live.newest()
    source: Source = call.query["source"]
    refusal = _not_now(attempt, source, now_ms)
    if refusal is not None:
        raise Refused(refusal)
    capture = of_source(attempt.pinned.captures, source)
    assert capture is not None, "she has agreed to what is asked for"
    started_ms = attempt.started_at_ms or now_ms
    begins_ms = max(0, now_ms - started_ms) // capture.every_ms * capture.every_ms
    # Other rules may come in force, with longer intervals: numbers of those would be taken already.
    n = begins_ms // limits.CAPTURE_EVERY_LEAST_MS
    if await node.captured_pictures.has(org_id, live.attempt_id, source, n):
        raise Refused(refuse(Code.CAPTURED_TOO_SOON))
    try:
        kind = await asyncio.to_thread(look_at, source, call.body)
    except MediaFault as fault:
        raise Refused(refuse(Code.INVALID_MEDIA, str(fault))) from None
    if not await node.captured_room.takes(org_id, len(call.body)):
        raise Refused(refuse(Code.CAPTURED_FULL))
    days = kept_days(capture, node.retention.bounds.captured_days)
    picture = CapturedPicture(source, n, now_ms, now_ms + days * _DAY_MS, kind, call.body)
    if not await node.captured_pictures.put(org_id, live.attempt_id, picture, limits.MAX_CAPTURED_PICTURES):
        raise Refused(refuse(Code.CAPTURED_FULL))
    next_ms = started_ms + begins_ms + capture.every_ms
    return CapturedPictureKept(at_ms=now_ms, delete_at_ms=picture.delete_at_ms, next_at_ms=next_ms)


def _not_now(attempt: Attempt, source: Source, now_ms: int) -> Refusal | None:
    """Why no picture may be taken: only while she sits, the clock runs, and she agrees."""
    over = ended(attempt)
    if over is not None:
        return over
    if attempt.status is Status.INITIATED:
        return refuse(Code.NOT_STARTED)
    if attempt.status is Status.PAUSED:
        return refuse(Code.PAUSED)
    if is_late(attempt, now_ms):
        return refuse(Code.DEADLINE_PASSED)
    asked = of_source(attempt.pinned.captures, source)
    return None if stands(said_of(attempt.consents, source), asked) else refuse(Code.NOT_CONSENTED)


async def show_pictures(call: Call) -> CapturedPictureList:
    identity = await find_kept(call)
    org_id, attempt_id = call.principal.org_id, identity.attempt_id
    source: Source = call.query["source"]
    most = limits.CAPTURED_PICTURES_SHOWN
    found = await call.node.captured_pictures.shown(org_id, attempt_id, source, call.query.get("before"), most + 1)
    total = await call.node.captured_pictures.count(org_id, attempt_id, source)
    pictures = found[:most]
    await call.was_read(CapturedPicturesRead(*as_named(identity), source, len(pictures)))
    return CapturedPictureList(
        pictures=[
            CapturedPictureShown(
                n=one.n,
                at_ms=one.at_ms,
                delete_at_ms=one.delete_at_ms,
                type=one.type,
                data=b64encode(one.data).decode(),
            )
            for one in pictures
        ],
        total=total,
        before=pictures[-1].n if len(found) > most else None,
    )


async def delete_pictures(call: Call) -> Removed:
    identity = await find_kept(call)
    principal = call.principal
    removed = await call.node.captured_pictures.remove(
        principal.org_id, as_named(identity), call.query["source"], principal.actor, call.node.clock.now_ms()
    )
    return Removed(removed=removed > 0)


ENDPOINTS = [
    Endpoint(
        method="POST",
        path=_PICTURES,
        summary="Keep a picture from the candidate's camera, or of her screen. The body is the picture.",
        handle=keep_picture,
        reply=CapturedPictureKept,
        act=Act.SIT,
        query=(_SOURCE,),
        refusals=(
            Code.NOT_FOUND,
            Code.MISSING_FIELD,
            Code.NOT_STARTED,
            Code.PAUSED,
            *HAS_ENDED,
            Code.NOT_CONSENTED,
            Code.CAPTURED_TOO_SOON,
            Code.TOO_LARGE,
            Code.INVALID_MEDIA,
            Code.CAPTURED_FULL,
        ),
        raw=True,
        max_body_bytes=limits.MAX_CAPTURED_BYTES,
    ),
    Endpoint(
        method="GET",
        path=_PICTURES,
        summary="The pictures from a candidate's camera, or of her screen, a few at a time.",
        handle=show_pictures,
        reply=CapturedPictureList,
        act=Act.SEE_CAPTURED,
        own=True,
        query=(_SOURCE, Query("before", Int)),
        refusals=(Code.NOT_FOUND, Code.MISSING_FIELD),
    ),
    Endpoint(
        method="DELETE",
        path=_PICTURES,
        summary="Delete all pictures from a candidate's camera, or of her screen, before their time.",
        handle=delete_pictures,
        reply=Removed,
        act=Act.ERASE,
        query=(_SOURCE,),
        refusals=(Code.NOT_FOUND, Code.MISSING_FIELD),
    ),
]
