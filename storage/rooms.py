"""How many sit which test: from the projection."""

from collections.abc import Collection
from typing import Final

from sqlalchemy import func, literal_column, or_, select

from protocol.rules.scope import TokenScope
from storage.database import Database
from storage.schema import test_attempts
from storage.scoping import in_scope

_attempt: Final = test_attempts.c
_SITTING: Final = or_(*(_attempt.status == literal_column(f"'{status}'") for status in ("in_progress", "paused")))
"""In so many words: else the index over open attempts can't be used."""


async def sat_now(database: Database, org_id: str, scope: TokenScope) -> frozenset[str]:
    """The tests with an attempt that has begun and not ended."""
    query = select(_attempt.test_id).where(_attempt.org_id == org_id, _SITTING, in_scope(org_id, scope)).distinct()
    found = await database.for_org(org_id).read(lambda connection: connection.execute(query).scalars().all())
    return frozenset(found)


async def count_attempts(
    database: Database, org_id: str, test_ids: Collection[str], scope: TokenScope
) -> dict[str, dict[str, int]]:
    """For each of these tests, how many attempts have which status."""
    query = (
        select(_attempt.test_id, _attempt.status, func.count())
        .where(_attempt.org_id == org_id, _attempt.test_id.in_(test_ids), in_scope(org_id, scope))
        .group_by(_attempt.test_id, _attempt.status)
    )
    rows = await database.for_org(org_id).read(lambda connection: connection.execute(query).all())
    counts: dict[str, dict[str, int]] = {test_id: {} for test_id in test_ids}
    for test_id, status, number in rows:
        counts[test_id][status] = number
    return counts
