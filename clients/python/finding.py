"""Calls that find attempts and results by filters, whichever tests they belong to. Lists come a page at a time: `next`
of one page is `after` of the following, with the same filters."""

from collections.abc import Collection

from clients.python.calls import Calls, given, part
from protocol.rest.attempts import AttemptLine, AttemptPage
from protocol.rest.results import ResultPage


class FindingCalls(Calls):
    """See above. `fields` are those that are sent; none given: all."""

    async def find_attempts(
        self,
        *,
        test_id: str | None = None,
        user_id: str | None = None,
        branch_id: str | None = None,
        group_id: str | None = None,
        updated_since_ms: int | None = None,
        statuses: Collection[str] = (),
        sort: str | None = None,
        fields: Collection[str] = (),
        after: str | None = None,
        limit: int | None = None,
    ) -> AttemptPage:
        """Attempts of the organisation; `sort` is a field, with a minus before it from the greatest on."""
        query = given(
            test_id=test_id,
            user_id=user_id,
            branch_id=branch_id,
            group_id=group_id,
            updated_since_ms=updated_since_ms,
            status=",".join(statuses) or None,
            sort=sort,
            fields=",".join(fields) or None,
            after=after,
            limit=limit,
        )
        return await self._call("GET", "/test-attempts", AttemptPage, query=query)

    async def attempt(self, attempt_id: str) -> AttemptLine:
        """One attempt, as lists show it."""
        return await self._call("GET", f"/test-attempts/{part(attempt_id)}", AttemptLine)

    async def find_results(
        self,
        *,
        attempt_id: str | None = None,
        test_id: str | None = None,
        user_id: str | None = None,
        branch_id: str | None = None,
        group_id: str | None = None,
        updated_since_ms: int | None = None,
        sort: str | None = None,
        fields: Collection[str] = (),
        after: str | None = None,
        limit: int | None = None,
    ) -> ResultPage:
        """The newest marks of many attempts."""
        query = given(
            attempt_id=attempt_id,
            test_id=test_id,
            user_id=user_id,
            branch_id=branch_id,
            group_id=group_id,
            updated_since_ms=updated_since_ms,
            sort=sort,
            fields=",".join(fields) or None,
            after=after,
            limit=limit,
        )
        return await self._call("GET", "/results", ResultPage, query=query)
