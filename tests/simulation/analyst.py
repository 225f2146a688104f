"""The fold of ended attempts, which a node gives to another process, in virtual time: here and at once."""

from collections.abc import AsyncIterator
from io import BytesIO
from types import ModuleType

import msgspec

from server.analysis import folding
from server.analysis.analyst import Analyst


class AnalystHere(Analyst):
    """Nobody asks for reports in a simulated day."""

    async def ask(self, org_id: str | None, program: ModuleType, order: bytes, attempts: AsyncIterator[bytes]) -> bytes:
        assert program is folding
        source = BytesIO(b"".join([order, b"\n", *[one async for one in attempts]]))
        return msgspec.msgpack.encode(folding.fold_all(source))
