"""Calls about many attempts at once: bulk acts, and whom an outage of the server has cost time."""

from typing import Unpack

from clients.python.calls import Calls, given, part
from clients.python.narrowing import FoundIncidents, FoundTargets
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

    async def bulk_targets(self, bulk_id: str, **narrowed: Unpack[FoundTargets]) -> BulkTargets:
        """How far an act has come, and what has become of it for each attempt, a page at a time."""
        return await self._call("GET", f"/bulk/{part(bulk_id)}", BulkTargets, query=given(**narrowed))

    async def bulk_left_out(self, bulk_id: str) -> LeftOutList:
        """Whom an act with a filter did not reach because they came later."""
        return await self._call("GET", f"/bulk/{part(bulk_id)}/left-out", LeftOutList)

    async def incidents(self, test_id: str, **narrowed: Unpack[FoundIncidents]) -> IncidentPage:
        """Outages of the server, and who lost how much time by them, a page at a time."""
        return await self._call("GET", f"/tests/{part(test_id)}/incidents", IncidentPage, query=given(**narrowed))
