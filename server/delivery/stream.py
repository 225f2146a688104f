"""Writes events into streams of Redis. Import it only where there is one, and before anybody is served: the Redis
client takes long.
"""

from typing import Final

from redis.asyncio import Redis
from redis.exceptions import RedisError

from protocol.events.delivering import Tried
from protocol.events.streams import stream_of

MOST_ENTRIES: Final = 100_000
"""About so many entries stay in a stream: older ones are cut off, whether somebody has read them or not."""
_TIMEOUT_S: Final = 5.0


class Streams:
    """Writes, over the connections of one node."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._redis: Redis | None = None

    async def send(self, org_id: str, name: str, event_id: str, topic: str, body: bytes) -> Tried:
        """One try. Never raises for what Redis does."""
        if not self._url:
            return Tried(None, "there is no Redis for streams any more")
        if self._redis is None:
            self._redis = Redis.from_url(self._url, socket_timeout=_TIMEOUT_S, socket_connect_timeout=_TIMEOUT_S)
        entry = {"id": event_id, "type": topic, "event": body}
        try:
            await self._redis.xadd(stream_of(org_id, name), entry, maxlen=MOST_ENTRIES, approximate=True)  # type: ignore[arg-type]
        except (RedisError, OSError, TimeoutError) as error:
            return Tried(None, f"Redis: {type(error).__name__}")
        return Tried(200)

    async def close(self) -> None:
        """Closes all connections."""
        if self._redis is not None:
            await self._redis.aclose()
            self._redis = None
