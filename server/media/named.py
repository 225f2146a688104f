"""Whether the files that the texts of a test name are there."""

import msgspec

from protocol.content import TestContent
from protocol.media import media_in
from protocol.mistakes import mistake
from storage.media import Media


async def check_media(media: Media, org_id: str, content: TestContent) -> None:
    """Raises `Refused(invalid_test)` where a text or a picture names a file that the organisation has not stored."""
    for name in media_in(msgspec.json.encode(content)):
        if await media.find(org_id, name) is None:
            raise mistake("the test", f"its file media:{name} is not stored; store it by `POST /media` first")
