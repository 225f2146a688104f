"""Each candidate's last address and browser."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import text

from tests.server.harness.running import RunningServer


async def test_where_a_candidate_sits_is_kept_and_nobody_waits_for_it(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def stuck(*_: Any) -> None:
        await asyncio.Event().wait()

    attempt_id = await server.make_attempt()
    with monkeypatch.context() as patch:
        patch.setattr(server.node.attempts, "note_addresses", stuck)
        async with await server.sit(attempt_id) as socket:
            await socket.send("start", n=1, client_at_ms=0)
            await socket.until("ack", n=1)
    await server.node.addresses.keep()
    query = text("SELECT ip_address, user_agent FROM test_attempts")
    row = await server.node.database.read(lambda connection: connection.execute(query).one())
    assert row.ip_address == "127.0.0.1"
    assert "websockets" in row.user_agent
