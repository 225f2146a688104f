"""Calls about many attempts at once: bulk acts, and whom an outage of the server has cost time."""

from clients.python.calls import Calls, given, part
from protocol.rest.bulk import BulkBody, BulkList, BulkReply, BulkTargets, LeftOutList
from protocol.rest.incidents import IncidentPage


class ManyCalls(Calls):
    """See above."""

    async def bulk(self, test_id: str, body: BulkBody) -> BulkReply:
        """Do something to many attempts at a test; the same `bulk_id` again is the same act."""
        return await self._call("POST", f"/tests/{part(test_id)}/bulk", BulkReply, body)

    async def bulk_acts(self, test_id: str) -> BulkList:
        """The newest acts on many attempts at a test."""
        return await self._call("GET", f"/tests/{part(test_id)}/bulk", BulkList)

    async def bulk_targets(
        self, bulk_id: str, *, after: str | None = None, limit: int | None = None, refused: bool = False
    ) -> BulkTargets:
        """How far an act has come, and what has become of it for each attempt, a page at a time."""
        query = given(after=after, limit=limit, refused=1 if refused else None)
        return await self._call("GET", f"/bulk/{part(bulk_id)}", BulkTargets, query=query)

    async def bulk_left_out(self, bulk_id: str) -> LeftOutList:
        """Whom an act with a filter did not reach because they came later."""
        return await self._call("GET", f"/bulk/{part(bulk_id)}/left-out", LeftOutList)

    async def incidents(self, test_id: str, *, after: str | None = None, limit: int | None = None) -> IncidentPage:
        """Outages of the server, and who lost how much time by them, a page at a time."""
        query = given(after=after, limit=limit)
        return await self._call("GET", f"/tests/{part(test_id)}/incidents", IncidentPage, query=query)
