"""Which attempts lie in the scope of a token, as a condition of a query."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, select, true

from protocol.rules.scope import TokenScope
from storage.database import Database
from storage.schema import group_members, test_attempts


def in_scope(org_id: str, scope: TokenScope) -> ColumnElement[bool]:
    """True of the rows of `test_attempts` whose branch and candidate are in the scope; its tests are not looked at."""
    condition: ColumnElement[bool] = true()
    if scope.branches is not None:
        condition = condition & test_attempts.c.branch_id.in_(scope.branches)
    if scope.groups is not None:
        member = group_members.c
        users = select(member.user_id).where(member.org_id == org_id, member.group_id.in_(scope.groups))
        condition = condition & test_attempts.c.user_id.in_(users)
    return condition


async def those_in_scope(
    database: Database, org_id: str, attempt_ids: Collection[str], scope: TokenScope
) -> frozenset[str]:
    """Those of these attempts of the organisation that the scope reaches; its tests are not looked at."""
    if scope.has_whole_tests or not attempt_ids:
        return frozenset(attempt_ids)
    attempt = test_attempts.c
    query = select(attempt.attempt_id).where(
        attempt.org_id == org_id, attempt.attempt_id.in_(attempt_ids), in_scope(org_id, scope)
    )
    return frozenset(await database.for_org(org_id).read(lambda it: it.execute(query).scalars().all()))
