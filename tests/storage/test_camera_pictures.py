"""Pictures from cameras, in both databases."""

import pytest
from msgspec.structs import replace

from protocol.attempt.model import Actor, Role
from protocol.codes import Code
from protocol.errors import Refused
from protocol.rules.audit import CameraPicturesDeleted, kind_of_type
from storage.audit import Audit
from storage.camera_pictures import CameraPicture, CameraPictures
from storage.database import Database
from tests.storage.making import NOW, new_identity

ORG = "school"
DAY_MS = 86_400_000
HERS, HIS = new_identity().attempt_id, new_identity().attempt_id
STAFF = Actor(Role.SERVICE, "platform")


def taken(n: int, days: int = 1) -> CameraPicture:
    return CameraPicture(n, NOW + n, NOW + n + days * DAY_MS, "image/jpeg", b"picture %d" % n)


async def test_there_is_one_for_an_interval_and_never_more_than_may_be(database: Database) -> None:
    pictures = CameraPictures(database)
    assert await pictures.put(ORG, HERS, taken(1), 3)
    with pytest.raises(Refused) as refused:
        await pictures.put(ORG, HERS, replace(taken(1), data=b"another"), 3)
    assert refused.value.refusal.code == Code.CAMERA_TOO_SOON
    assert (await pictures.has(ORG, HERS, 1), await pictures.has(ORG, HERS, 2)) == (True, False)
    assert [await pictures.put(ORG, HERS, taken(n), 3) for n in (2, 3, 4)] == [True, True, False]
    assert await pictures.put(ORG, HIS, taken(1), 3)
    assert await pictures.shown(ORG, HERS, None, 2) == [taken(3), taken(2)]
    assert await pictures.shown(ORG, HERS, 2, 2) == [taken(1)]
    assert await pictures.shown("college", HERS, None, 2) == []
    assert (await pictures.count(ORG, HERS), await pictures.total(ORG)) == (3, 4 * len(b"picture 1"))


async def test_each_is_deleted_when_its_time_is_over(database: Database) -> None:
    pictures = CameraPictures(database)
    for picture in (taken(1), taken(2, days=30), taken(3)):
        await pictures.put(ORG, HERS, picture, 10)
    await pictures.prune(NOW + DAY_MS)
    assert await pictures.count(ORG, HERS) == 3
    await pictures.prune(NOW + DAY_MS + 3)
    assert await pictures.shown(ORG, HERS, None, 10) == [taken(2, days=30)]


async def test_all_of_an_attempt_are_deleted_and_the_audit_log_says_so(database: Database) -> None:
    pictures = CameraPictures(database)
    for n in (1, 2):
        await pictures.put(ORG, HERS, taken(n), 10)
    await pictures.put(ORG, HIS, taken(1), 10)
    assert await pictures.remove(ORG, ("test", HERS, "ada"), STAFF, NOW) == 2
    assert (await pictures.count(ORG, HERS), await pictures.count(ORG, HIS)) == (0, 1)
    (entry,) = await Audit(database).page(ORG, kind=kind_of_type(CameraPicturesDeleted), limit=9)
    assert HERS.encode() in (entry.line.body or b"")
