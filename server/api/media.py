"""Files of tests. A file is nothing that anybody sees until the text of a test names it."""

import asyncio

from protocol.codes import Code
from protocol.errors import Refused, refuse
from protocol.rest.media import MediaStored
from protocol.rules.rights import Act
from server.api.endpoint import Call, Endpoint
from server.api.lookup import any_whole_test
from server.media.faults import MediaFault
from server.media.looking import MAX_BYTES, look
from server.media.storing import medium_of, store_media


async def post_media(call: Call) -> MediaStored:
    any_whole_test(call)
    node, org_id = call.node, call.principal.org_id
    try:
        # A large SVG takes as long as a few hundred answers.
        looked = await asyncio.to_thread(look, call.body)
    except MediaFault as fault:
        raise Refused(refuse(Code.INVALID_MEDIA, str(fault))) from None
    if looked.taken:
        raise Refused(refuse(Code.INVALID_MEDIA, f"A picture of a test can't have {', '.join(looked.taken)[:500]}."))
    medium = medium_of(looked)
    quota_bytes = node.settings.media_quota_bytes
    await store_media(node.media, org_id, {medium.hash: looked}, quota_bytes, node.clock.now_ms())
    return MediaStored(
        hash=medium.hash,
        type=medium.type,
        size=medium.size,
        width=medium.width,
        height=medium.height,
        address=node.media_addresses.address(org_id, medium.hash),
    )


ENDPOINTS = [
    Endpoint(
        method="POST",
        path="/media",
        summary="Store a file for texts of tests: a picture, a sound, a film, a PDF. The body is the file.",
        handle=post_media,
        reply=MediaStored,
        act=Act.WRITE_TESTS,
        refusals=(Code.INVALID_MEDIA, Code.MEDIA_FULL),
        raw=True,
        max_body_bytes=MAX_BYTES,
    ),
]
