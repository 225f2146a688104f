"""Files that candidates hand in, in both databases."""

import asyncio

from sqlalchemy import delete

from protocol.media import hash_of
from storage.answer_files import PIECE_BYTES, AnswerFile, AnswerFiles
from storage.database import Database
from storage.schema import answer_files
from tests.storage.making import NOW, new_identity

ORG = "school"
DATA = bytes(range(256)) * (2 * PIECE_BYTES // 256) + b"the end"
FILE = AnswerFile(hash_of(DATA), "application/pdf", len(DATA), NOW)
HERS, HIS = new_identity().attempt_id, new_identity().attempt_id


async def test_a_file_is_kept_once_for_an_attempt(database: Database) -> None:
    files = AnswerFiles(database)
    assert await files.of_attempt(ORG, HERS) == []
    assert await files.read(ORG, HERS, FILE.hash) is None
    await asyncio.gather(*(files.put(ORG, HERS, FILE, DATA) for _ in range(3)))
    assert await files.of_attempt(ORG, HERS) == [FILE]
    assert await files.read(ORG, HERS, FILE.hash) == DATA
    assert await files.total(ORG) == len(DATA)
    # Another attempt has nothing of it, until it is handed in there too.
    assert await files.read(ORG, HIS, FILE.hash) is None
    await files.put(ORG, HIS, FILE, DATA)
    assert await files.total(ORG) == 2 * len(DATA)
    assert await files.total("college") == 0


async def test_a_file_whose_first_piece_is_missing_is_not_there_and_is_made_whole(database: Database) -> None:
    files = AnswerFiles(database)
    await files.put(ORG, HERS, FILE, DATA)
    first = delete(answer_files).where(answer_files.c.attempt_id == HERS, answer_files.c.piece == 0)
    await database.write(lambda connection: connection.execute(first))
    assert await files.of_attempt(ORG, HERS) == []
    assert await files.read(ORG, HERS, FILE.hash) is None
    await files.put(ORG, HERS, FILE, DATA)
    assert await files.read(ORG, HERS, FILE.hash) == DATA
