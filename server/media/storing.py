"""Storing files that were looked at."""

from collections.abc import Mapping

from protocol.codes import Code
from protocol.errors import Refused, refuse
from protocol.media import Medium, hash_of
from server.media.looking import Looked
from storage.media import Media


def medium_of(looked: Looked) -> Medium:
    """What is known of a file."""
    return Medium(hash_of(looked.data), looked.type, len(looked.data), looked.width, looked.height)


async def store_media(media: Media, org_id: str, files: Mapping[str, Looked], quota_bytes: int, now_ms: int) -> None:
    """Stores those that are not there, all or none. Raises `Refused(media_full)`."""
    new = [looked for name, looked in files.items() if not await media.use(org_id, name)]
    if not new:
        return
    if await media.total(org_id) + sum(len(looked.data) for looked in new) > quota_bytes:
        raise Refused(refuse(Code.MEDIA_FULL))
    for looked in new:
        await media.put(org_id, medium_of(looked), looked.data, now_ms)
