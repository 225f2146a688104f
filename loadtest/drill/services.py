"""PostgreSQL and Redis for a stage, until it is over."""

from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path

from loadtest.drill.postgres import Postgres
from loadtest.drill.redis import Redis


async def postgres_for(exits: AsyncExitStack, folder: Path, settings: Mapping[str, str] | None = None) -> Postgres:
    """A cluster on the machine's disk, closed with `exits`. It runs where its caller does. Raises `StageError`."""
    postgres = Postgres(folder, on_disk=True, settings=settings)
    exits.push_async_callback(postgres.close)
    await postgres.create()
    return postgres


async def redis_for(exits: AsyncExitStack, folder: Path) -> Redis:
    """Likewise."""
    redis = Redis(folder)
    exits.push_async_callback(redis.close)
    await redis.start()
    return redis
