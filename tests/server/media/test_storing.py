from collections.abc import AsyncIterator

import pytest

from protocol.codes import Code
from protocol.errors import Refused
from server.media.looking import look
from server.media.storing import medium_of, store_media
from storage.database import Database
from storage.media import Media
from tests.server.media.files import png
from tests.storage.making import NOW

ORG = "school"


@pytest.fixture
async def database(migrated_sqlite_url: str) -> AsyncIterator[Database]:
    database = await Database.open(migrated_sqlite_url)
    try:
        yield database
    finally:
        await database.close()


async def test_all_files_are_stored_or_none(database: Database) -> None:
    media = Media(database)
    looked = [look(png(size, size)) for size in (1, 2, 3)]
    files = {medium_of(one).hash: one for one in looked}
    room = sum(len(one.data) for one in looked)
    with pytest.raises(Refused) as refused:
        await store_media(media, ORG, files, room - 1, NOW)
    assert (refused.value.refusal.code, await media.total(ORG)) == (Code.MEDIA_FULL, 0)
    await store_media(media, ORG, files, room, NOW)
    await store_media(media, ORG, files, room, NOW)
    assert await media.total(ORG) == room
    assert await media.find(ORG, medium_of(looked[0]).hash) == medium_of(looked[0])
