"""Pictures from a candidate's camera, where the test asks for them and she has agreed."""

import asyncio
from base64 import b64encode
from typing import Final

from protocol import limits
from protocol.attempt.decisions.rules import ended, is_late
from protocol.attempt.model import Attempt, Status
from protocol.codes import Code
from protocol.errors import Refusal, Refused, refuse
from protocol.integrity.camera import kept_days, stands
from protocol.messages.base import Int
from protocol.rest.camera_pictures import CameraPictureKept, CameraPictureList, CameraPictureShown
from protocol.rest.removed import Removed
from protocol.rules.audit import CameraPicturesRead
from protocol.rules.rights import Act
from server.api.endpoint import HAS_ENDED, Call, Endpoint
from server.api.lookup import as_named, find_attempt, find_kept
from server.api.query import Query
from server.media.camera import look_at
from server.media.faults import MediaFault
from storage.camera_pictures import CameraPicture

_PICTURES: Final = "/test-attempts/{attempt_id}/camera-pictures"
_DAY_MS: Final = 24 * 3_600_000


async def keep_picture(call: Call) -> CameraPictureKept:
    live = await find_attempt(call)
    node, org_id, now_ms = call.node, call.principal.org_id, call.node.clock.now_ms()
    if node.capacity.busy:
        # Answers come first: the page takes the next picture when it is time for it.
        raise Refused(refuse(Code.OVERLOADED))
    # She may have taken her agreement back at another node.
    attempt = await live.newest()
    refusal = _not_now(attempt, now_ms)
    if refusal is not None:
        raise Refused(refusal)
    camera = attempt.pinned.camera
    assert camera is not None, "she has agreed to what is asked for"
    started_ms = attempt.started_at_ms or now_ms
    n = max(0, now_ms - started_ms) // camera.every_ms
    if await node.camera_pictures.has(org_id, live.attempt_id, n):
        raise Refused(refuse(Code.CAMERA_TOO_SOON))
    try:
        kind = await asyncio.to_thread(look_at, call.body)
    except MediaFault as fault:
        raise Refused(refuse(Code.INVALID_MEDIA, str(fault))) from None
    if not await node.camera_room.takes(org_id, len(call.body)):
        raise Refused(refuse(Code.CAMERA_FULL))
    days = kept_days(camera, node.retention.bounds.camera_days)
    picture = CameraPicture(n, now_ms, now_ms + days * _DAY_MS, kind, call.body)
    if not await node.camera_pictures.put(org_id, live.attempt_id, picture, limits.MAX_CAMERA_PICTURES):
        raise Refused(refuse(Code.CAMERA_FULL))
    next_ms = started_ms + (n + 1) * camera.every_ms
    return CameraPictureKept(at_ms=now_ms, delete_at_ms=picture.delete_at_ms, next_at_ms=next_ms)


def _not_now(attempt: Attempt, now_ms: int) -> Refusal | None:
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
    return None if stands(attempt.camera, attempt.pinned.camera) else refuse(Code.CAMERA_NOT_AGREED)


async def show_pictures(call: Call) -> CameraPictureList:
    identity = await find_kept(call)
    org_id, attempt_id = call.principal.org_id, identity.attempt_id
    most = limits.CAMERA_PICTURES_SHOWN
    found = await call.node.camera_pictures.shown(org_id, attempt_id, call.query.get("before"), most + 1)
    total = await call.node.camera_pictures.count(org_id, attempt_id)
    pictures = found[:most]
    await call.was_read(CameraPicturesRead(*as_named(identity), len(pictures)))
    return CameraPictureList(
        pictures=[
            CameraPictureShown(
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
    removed = await call.node.camera_pictures.remove(
        principal.org_id, as_named(identity), principal.actor, call.node.clock.now_ms()
    )
    return Removed(removed=removed > 0)


ENDPOINTS = [
    Endpoint(
        method="POST",
        path=_PICTURES,
        summary="Keep a picture from the candidate's camera. The body is the picture.",
        handle=keep_picture,
        reply=CameraPictureKept,
        act=Act.SIT,
        refusals=(
            Code.NOT_FOUND,
            Code.NOT_STARTED,
            Code.PAUSED,
            *HAS_ENDED,
            Code.CAMERA_NOT_AGREED,
            Code.CAMERA_TOO_SOON,
            Code.TOO_LARGE,
            Code.INVALID_MEDIA,
            Code.CAMERA_FULL,
        ),
        raw=True,
        max_body_bytes=limits.MAX_CAMERA_BYTES,
    ),
    Endpoint(
        method="GET",
        path=_PICTURES,
        summary="The pictures from a candidate's camera, a few at a time.",
        handle=show_pictures,
        reply=CameraPictureList,
        act=Act.SEE_CAMERA,
        own=True,
        query=(Query("before", Int),),
        refusals=(Code.NOT_FOUND,),
    ),
    Endpoint(
        method="DELETE",
        path=_PICTURES,
        summary="Delete all pictures from a candidate's camera before their time.",
        handle=delete_pictures,
        reply=Removed,
        act=Act.ERASE,
        refusals=(Code.NOT_FOUND,),
    ),
]
