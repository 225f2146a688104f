"""Pictures from cameras and of screens, in both databases."""

import pytest
from msgspec.structs import replace

from protocol.attempt.model import Actor, Role
from protocol.codes import Code
from protocol.errors import Refused
from protocol.integrity.captures import Source
from protocol.rules.audit import CapturedPicturesDeleted, kind_of_type
from storage.audit import Audit
from storage.captured_pictures import CapturedPicture, CapturedPictures
from storage.database import Database
from tests.storage.making import NOW, new_identity

ORG = "school"
DAY_MS = 86_400_000
HERS, HIS = new_identity().attempt_id, new_identity().attempt_id
STAFF = Actor(Role.SERVICE, "platform")


def taken(n: int, days: int = 1, source: Source = "camera") -> CapturedPicture:
    return CapturedPicture(source, n, NOW + n, NOW + n + days * DAY_MS, "image/jpeg", b"picture %d" % n)


async def test_there_is_one_for_an_interval_and_never_more_than_may_be(database: Database) -> None:
    pictures = CapturedPictures(database)
    assert await pictures.put(ORG, HERS, taken(1), 3)
    with pytest.raises(Refused) as refused:
        await pictures.put(ORG, HERS, replace(taken(1), data=b"another"), 3)
    assert refused.value.refusal.code == Code.CAPTURED_TOO_SOON
    assert (await pictures.has(ORG, HERS, "camera", 1), await pictures.has(ORG, HERS, "camera", 2)) == (True, False)
    assert [await pictures.put(ORG, HERS, taken(n), 3) for n in (2, 3, 4)] == [True, True, False]
    assert await pictures.put(ORG, HIS, taken(1), 3)
    # The screen has room and intervals of its own.
    assert await pictures.put(ORG, HERS, taken(1, source="screen"), 3)
    assert await pictures.shown(ORG, HERS, "screen", None, 2) == [taken(1, source="screen")]
    assert await pictures.shown(ORG, HERS, "camera", None, 2) == [taken(3), taken(2)]
    assert await pictures.shown(ORG, HERS, "camera", 2, 2) == [taken(1)]
    assert await pictures.shown("college", HERS, "camera", None, 2) == []
    assert (await pictures.count(ORG, HERS, "camera"), await pictures.total(ORG)) == (3, 5 * len(b"picture 1"))


async def test_each_is_deleted_when_its_time_is_over(database: Database) -> None:
    pictures = CapturedPictures(database)
    for picture in (taken(1), taken(2, days=30), taken(3)):
        await pictures.put(ORG, HERS, picture, 10)
    await pictures.prune(NOW + DAY_MS)
    assert await pictures.count(ORG, HERS, "camera") == 3
    await pictures.prune(NOW + DAY_MS + 3)
    assert await pictures.shown(ORG, HERS, "camera", None, 10) == [taken(2, days=30)]


async def test_all_of_an_attempt_are_deleted_and_the_audit_log_says_so(database: Database) -> None:
    pictures = CapturedPictures(database)
    for one in (taken(1), taken(2), taken(1, source="screen")):
        await pictures.put(ORG, HERS, one, 10)
    await pictures.put(ORG, HIS, taken(1), 10)
    assert await pictures.remove(ORG, ("test", HERS, "ada"), "camera", STAFF, NOW) == 2
    assert (await pictures.count(ORG, HERS, "camera"), await pictures.count(ORG, HIS, "camera")) == (0, 1)
    assert await pictures.count(ORG, HERS, "screen") == 1
    (entry,) = await Audit(database).page(ORG, kind=kind_of_type(CapturedPicturesDeleted), limit=9)
    assert HERS.encode() in (entry.line.body or b"")
