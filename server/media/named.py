"""The files that the texts of a test name."""

import re
from typing import Final

import msgspec

from protocol.content import TestContent
from protocol.mistakes import mistake
from storage.media import Media

_NAMED: Final = re.compile(rb'src(?:=\\|":)"media:([0-9a-f]{64})\\?"')
"""In a body, whose quotation marks JSON escapes, or as a field of its own."""


def media_in(encoded: bytes) -> list[str]:
    """The hashes of the files that are named in a test or a paper, encoded as JSON, each once."""
    return sorted({name.decode() for name in _NAMED.findall(encoded)})


async def check_media(media: Media, org_id: str, content: TestContent) -> None:
    """Raises `Refused(invalid_test)` where a text or a picture names a file that the organisation has not stored."""
    for name in media_in(msgspec.json.encode(content)):
        if await media.find(org_id, name) is None:
            raise mistake("the test", f"its file media:{name} is not stored; store it by `POST /media` first")
