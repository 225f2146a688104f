"""Which attempts lie in the scope of a token, as a condition of a query."""

from sqlalchemy import ColumnElement, select, true

from protocol.rules.scope import TokenScope
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
