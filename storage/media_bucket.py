"""Bytes of files in a bucket of S3, or of what speaks like it (MinIO, Ceph, Garage).

Import it only where there is a bucket, and before anybody is served: the HTTP client takes long.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Final
from urllib.parse import parse_qs, quote, unquote, urlsplit

import aiohttp
import msgspec
from yarl import URL

from protocol.media import hash_of
from storage.errors import StorageUnavailable
from storage.signing import SigningKey, signed

TIMEOUT_S: Final = 20
"""For one request: a file has 10 MiB at most."""
_PAUSES_S: Final = (0.1, 0.4)
"""Before a request is sent again."""
_REGION: Final = "us-east-1"
"""What servers of one's own call theirs, if they were told nothing."""


class Bucket(msgspec.Struct, frozen=True):
    """Where the bucket is: `origin` as in `https://host:port`, `host` as the request names it."""

    origin: str
    host: str
    name: str
    key: SigningKey


def parse_bucket(url: str) -> Bucket:
    """`https://KEY:SECRET@HOST/BUCKET?region=…`, key and secret percent-encoded. Raises `ValueError`."""
    try:
        parts = urlsplit(url)
        is_host = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        # Its own words would repeat the secret.
        raise ValueError("must be https://KEY:SECRET@HOST/BUCKET") from None
    name = parts.path.strip("/")
    query = parse_qs(parts.query, keep_blank_values=True)
    if parts.scheme not in ("http", "https") or not is_host or not name or "/" in name or parts.fragment:
        raise ValueError("must be https://KEY:SECRET@HOST/BUCKET")
    if not parts.username or not parts.password:
        raise ValueError("must have a key and its secret: https://KEY:SECRET@HOST/BUCKET")
    if query.keys() - {"region"}:
        raise ValueError("has a parameter that is none: only ?region= is known")
    host = parts.netloc.rpartition("@")[2].lower()
    key = SigningKey(unquote(parts.username), unquote(parts.password), query.get("region", [""])[-1] or _REGION)
    return Bucket(f"{parts.scheme}://{host}", host, name, key)


class InBucket:
    """One object for each file, in a folder for each organisation. Its connections are kept until it is closed."""

    def __init__(self, bucket: Bucket, now_s: Callable[[], float] = time.time) -> None:
        self._bucket = bucket
        self._now_s = now_s
        self._session: aiohttp.ClientSession | None = None

    async def put(self, org_id: str, name: str, data: bytes) -> None:
        await self._ask("PUT", self._path(org_id, name), data, {"content-type": "application/octet-stream"})

    async def read(self, org_id: str, name: str, start: int, size: int) -> bytes:
        if size <= 0:
            return b""
        wanted = {"range": f"bytes={start}-{start + size - 1}"}
        status, found = await self._ask("GET", self._path(org_id, name), b"", wanted, none=(404, 416))
        # What knows no ranges sends the whole file.
        return found[start : start + size] if status == 200 else found

    async def delete(self, org_id: str, name: str) -> None:
        await self._ask("DELETE", self._path(org_id, name), b"", {}, none=(404,))

    async def close(self) -> None:
        """Ends its connections; the next request would open new ones."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _path(self, org_id: str, name: str) -> str:
        # The id of an organisation may be anything.
        return f"/{quote(self._bucket.name)}/{hash_of(org_id.encode())[:32]}/{name}"

    async def _ask(
        self, method: str, path: str, data: bytes, headers: dict[str, str], none: tuple[int, ...] = ()
    ) -> tuple[int, bytes]:
        """Status and body; an empty body for a status in `none`. Each request may be sent again: S3 answers 500 and 503
        now and then, and asks for that. Raises `StorageUnavailable` for all else."""
        for pause_s in _PAUSES_S:
            status, found = await self._try(method, path, data, headers)
            if status < 500:
                break
            await asyncio.sleep(pause_s)
        else:
            status, found = await self._try(method, path, data, headers)
        if status in none:
            return status, b""
        if status not in (200, 204, 206):
            raise StorageUnavailable(f"the bucket at {self._bucket.host} answers {status}")
        return status, found

    async def _try(self, method: str, path: str, data: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        bucket = self._bucket
        sent = signed(bucket.key, method, bucket.host, path, headers, data, self._now_s())
        url = URL(bucket.origin + path, encoded=True)
        if self._session is None:
            timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
            self._session = aiohttp.ClientSession(timeout=timeout, trust_env=True, auto_decompress=False)
        try:
            async with self._session.request(
                method, url, data=data or None, headers=sent, allow_redirects=False
            ) as response:
                return response.status, await response.read()
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            raise StorageUnavailable(f"the bucket at {bucket.host}: {str(error) or type(error).__name__}") from error
