"""What candidates are granted now, read from the tables."""

import asyncio

from protocol.attempt.model import Accommodation, Attempt
from storage.overrides import Candidate, Overrides

_Asked = dict[Candidate, "asyncio.Future[Accommodation]"]


class Grants:
    """What each candidate is granted now. One look into the database answers all who asked before it began."""

    def __init__(self, overrides: Overrides) -> None:
        self._overrides = overrides
        self._asked: dict[str, _Asked] = {}
        self._asking: dict[str, asyncio.Task[None]] = {}

    async def of_attempt(self, attempt: Attempt) -> Accommodation:
        """What the attempt's candidate is granted. Raises `StorageUnavailable`."""
        identity = attempt.identity
        return await self.of(identity.org_id, identity.test_id, identity.user_id)

    async def of(self, org_id: str, test_id: str, user_id: str) -> Accommodation:
        """What this candidate is granted at this test. Raises `StorageUnavailable`."""
        asked = self._asked.setdefault(org_id, {})
        candidate = Candidate(test_id, user_id)
        future = asked.get(candidate)
        if future is None:
            future = asked[candidate] = asyncio.get_running_loop().create_future()
        if org_id not in self._asking:
            self._asking[org_id] = asyncio.create_task(self._ask(org_id), name="look for what is granted")
        return await asyncio.shield(future)

    async def _ask(self, org_id: str) -> None:
        try:
            while asked := self._asked.pop(org_id, None):
                await self._answer(org_id, asked)
        finally:
            del self._asking[org_id]

    async def _answer(self, org_id: str, asked: _Asked) -> None:
        try:
            found = await self._overrides.accommodations(org_id, asked)
        except Exception as error:  # noqa: BLE001 (whoever waits hears of it)
            for future in asked.values():
                future.set_exception(error)
                future.exception()  # has been looked at, even if all who waited have gone
        else:
            for candidate, future in asked.items():
                future.set_result(found[candidate])
