"""Files of tests, in both databases and in a folder."""

import asyncio
from pathlib import Path

import pytest

from protocol.media import Medium, hash_of
from storage.database import Database
from storage.errors import StorageUnavailable
from storage.media import InFolder, Media, Store
from storage.media_bucket import InBucket, parse_bucket
from tests.services.s3 import S3Server
from tests.storage.making import NOW

ORG = "school"
DATA = bytes(range(256)) * 300
PICTURE = Medium(hash_of(DATA), "image/png", len(DATA), 390, 200)


async def test_a_file_is_kept_once_for_an_organisation(database: Database, store: Store | None) -> None:
    media = Media(database, store)
    assert await media.find(ORG, PICTURE.hash) is None
    assert await media.read(ORG, PICTURE.hash, 0, 10) == b""
    await asyncio.gather(*(media.put(ORG, PICTURE, DATA, NOW) for _ in range(3)))
    assert await media.find(ORG, PICTURE.hash) == PICTURE
    assert await media.total(ORG) == len(DATA)
    # Another organisation knows nothing of it, until it has it too.
    assert await media.find("college", PICTURE.hash) is None
    assert await media.read("college", PICTURE.hash, 0, 10) == b""
    await media.put("college", PICTURE, DATA, NOW)
    assert await media.read("college", PICTURE.hash, 0, len(DATA)) == DATA
    assert await media.total("college") == len(DATA)
    assert await media.total("nobody") == 0


@pytest.mark.parametrize(
    ("start", "size"), [(0, 1), (0, len(DATA) + 9), (255, 3), (len(DATA) - 1, 9), (len(DATA), 9), (3, 0)]
)
async def test_a_part_of_a_file(database: Database, store: Store | None, start: int, size: int) -> None:
    media = Media(database, store)
    await media.put(ORG, PICTURE, DATA, NOW)
    assert await media.read(ORG, PICTURE.hash, start, size) == DATA[start : start + size]


async def test_what_was_kept_in_the_table_is_found_beside_a_folder(database: Database, tmp_path: Path) -> None:
    await Media(database).put(ORG, PICTURE, DATA, NOW)
    assert await Media(database, InFolder(tmp_path)).read(ORG, PICTURE.hash, 0, 4) == DATA[:4]


async def test_a_folder_has_whole_files_alone_and_none_outside_of_it(database: Database, tmp_path: Path) -> None:
    folder = tmp_path / "media"
    await Media(database, InFolder(folder)).put("../../school", PICTURE, DATA, NOW)
    files = [file for file in tmp_path.rglob("*") if file.is_file() and file.suffix != ".db" and "media" in file.parts]
    assert [file.name for file in files] == [PICTURE.hash]
    assert files[0].read_bytes() == DATA
    assert files[0].is_relative_to(folder)


async def test_a_folder_that_is_no_folder_is_told(database: Database, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    media = Media(database, InFolder(tmp_path / "file"))
    with pytest.raises(StorageUnavailable, match="file"):
        await media.put(ORG, PICTURE, DATA, NOW)
    assert await media.find(ORG, PICTURE.hash) is None


async def test_a_bucket_has_whole_objects_under_a_name_that_is_safe(database: Database, s3: S3Server) -> None:
    s3.empty()
    store = InBucket(parse_bucket(s3.bucket))
    try:
        await Media(database, store).put("../../school", PICTURE, DATA, NOW)
        assert await store.read("../../school", PICTURE.hash, 0, len(DATA)) == DATA
        assert await store.read("school", PICTURE.hash, 0, len(DATA)) == b""
        assert await store.read("../../school", PICTURE.hash, len(DATA) + 1, 9) == b""
    finally:
        await store.close()


async def test_a_bucket_that_is_not_there_or_away_is_told(database: Database, s3: S3Server) -> None:
    s3.empty()
    missing = s3.bucket.replace("/exams", "/others")
    for url, said in ((missing, "answers 404"), ("http://key:secret@127.0.0.1:9/exams", "127.0.0.1:9")):
        store = InBucket(parse_bucket(url))
        try:
            media = Media(database, store)
            with pytest.raises(StorageUnavailable, match=said) as raised:
                await media.put(ORG, PICTURE, DATA, NOW)
            assert "secret" not in str(raised.value)
            assert await media.find(ORG, PICTURE.hash) is None
        finally:
            await store.close()
