"""Files that no test names go after so long, and no test ever loses one that it names."""

import asyncio
from itertools import count

import pytest

from protocol.codes import Code
from protocol.content import Question, SingleChoice, TestContent
from protocol.errors import Refused
from protocol.media import Medium, hash_of
from protocol.rules.audit import MediaDropped
from protocol.rules.retention import DAY_MS
from storage.audit import BY_RULE
from storage.database import Database
from storage.errors import StorageUnavailable
from storage.media import Media, Store
from storage.tests import Tests
from storage.unused_media import Unused, UnusedMedia
from tests.storage.making import NOW, OPTIONS, ORG
from tests.storage.test_audit import said

LATER = NOW + 30 * DAY_MS


async def stored(media: Media, text: str, org_id: str = ORG) -> str:
    data = text.encode()
    await media.put(org_id, Medium(hash_of(data), "image/png", len(data), 1, 1), data, NOW)
    return hash_of(data)


def naming(name: str) -> TestContent:
    asked = Question(
        question_id="q",
        body=f'<img src="media:{name}" alt="">',
        interactions=[SingleChoice(options=OPTIONS, correct="a")],
    )
    return TestContent(title="With a picture", questions=[asked])


async def test_what_no_version_names_goes_after_its_time_and_can_be_stored_again(
    database: Database, store: Store | None
) -> None:
    media, tests = Media(database, store), Tests(database)
    unused = UnusedMedia(database, media)
    old, new, left = [await stored(media, text) for text in ("old", "new", "left")]
    elsewhere = await stored(media, "left", "college")
    for name in (old, new):
        await tests.put(ORG, "pictures", naming(name), NOW)
    assert await unused.count(ORG, LATER) == Unused(1, 0), "nobody has looked yet"
    await unused.mark(ORG, NOW)
    await unused.mark(ORG, LATER)
    assert await unused.count(ORG, NOW) == Unused(1, 0)
    assert await unused.drop(database, ORG, BY_RULE, NOW, LATER) == 0, "not for long enough"
    assert await unused.count(ORG, NOW + 1) == Unused(1, 1)
    assert await unused.drop(database, ORG, BY_RULE, NOW + 1, LATER) == 1
    assert await media.find(ORG, left) is None
    assert await media.read(ORG, left, 0, 9) == b""
    if store is not None:
        assert await store.read(ORG, left, 0, 9) == b""
    for name, text in ((old, b"old"), (new, b"new")):
        assert await media.read(ORG, name, 0, 9) == text
    assert await media.read("college", elsewhere, 0, 9) == b"left"
    assert (await said(database))[-1] == MediaDropped(1, 4)
    # Again the same bytes: whoever deletes them late deletes nothing new.
    assert await stored(media, "left") == left
    if store is not None:
        await store.delete(ORG, left)
    assert await media.read(ORG, left, 0, 9) == b"left"
    assert await unused.count(ORG, LATER) == Unused(1, 0)


async def test_who_stores_it_again_or_names_it_takes_the_mark_off(database: Database) -> None:
    media, tests = Media(database), Tests(database)
    unused = UnusedMedia(database, media)
    again, named = [await stored(media, text) for text in ("again", "named")]
    await unused.mark(ORG, NOW)
    await stored(media, "again")
    await tests.put(ORG, "pictures", naming(named), NOW)
    assert await unused.drop(database, ORG, BY_RULE, NOW + 1, LATER) == 0
    await unused.mark(ORG, LATER)
    assert await unused.count(ORG, LATER + 1) == Unused(1, 1), "its days count anew"
    # Found by another who has read no tests before: the mark is a mistake.
    await database.write(
        lambda connection: connection.exec_driver_sql(f"UPDATE media SET unused_since_ms = {NOW}").close()  # noqa: S608
    )
    assert await UnusedMedia(database, media).drop(database, ORG, BY_RULE, NOW + 1, LATER) == 1
    assert (await media.find(ORG, named), await media.find(ORG, again)) == (Medium(named, "image/png", 5, 1, 1), None)
    with pytest.raises(Refused) as refused:
        await tests.put(ORG, "more", naming(again), NOW)
    assert refused.value.refusal.code == Code.INVALID_TEST
    assert await tests.newest_version(ORG, "more") is None


async def test_bytes_that_a_killed_run_has_left_go_with_the_next(
    database: Database, store: Store | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    if store is None:
        pytest.skip("they went with the row")
    media = Media(database, store)
    left = await stored(media, "left")
    unused = UnusedMedia(database, media)
    await unused.mark(ORG, NOW)

    async def away(org_id: str, name: str) -> None:
        raise StorageUnavailable("the store is away")

    with monkeypatch.context() as broken:
        broken.setattr(store, "delete", away)
        with pytest.raises(StorageUnavailable):
            await unused.drop(database, ORG, BY_RULE, NOW + 1, LATER)
    assert await store.read(ORG, left, 0, 9) == b"left"
    assert await unused.drop(database, ORG, BY_RULE, NOW + 1, LATER) == 0
    assert await store.read(ORG, left, 0, 9) == b""


async def test_a_test_that_is_stored_meanwhile_never_loses_its_picture(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.unused_media._AT_ONCE", 2)
    media, tests = Media(database), Tests(database)
    numbers = count()

    async def upload(text: str, *, first: bool) -> None:
        name = await stored(media, text)
        if first:
            await unused.mark(ORG, NOW)
        test_id = f"t{next(numbers)}"
        try:
            await tests.put(ORG, test_id, naming(name), NOW)
        except Refused as refused:
            assert refused.refusal.code == Code.INVALID_TEST  # noqa: PT017 (most are not refused)
        else:
            assert await media.read(ORG, name, 0, 99) == text.encode()

    for turn in range(8):
        unused = UnusedMedia(database, media)
        texts = [f"{turn}.{n}" for n in range(8)]
        for text in texts:
            await stored(media, text)
        await unused.mark(ORG, NOW)
        await asyncio.gather(
            *(upload(text, first=bool(n % 2)) for n, text in enumerate(texts)),
            *(unused.drop(database, ORG, BY_RULE, NOW + 1, LATER) for _ in range(2)),
            unused.mark(ORG, NOW),
            UnusedMedia(database, media).drop(database, ORG, BY_RULE, NOW + 1, LATER),
        )
    for test in await tests.list(ORG):
        if test.content.title == naming("").title:
            (question,) = test.content.questions
            name = question.body.split('"')[1].removeprefix("media:")
            assert await media.read(ORG, name, 0, 99), "a stored test has lost its picture"
