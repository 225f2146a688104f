"""Serves files at their addresses. Whoever has an address may read the file: pictures carry no token."""

from collections.abc import AsyncIterator
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from protocol.codes import Code
from protocol.errors import Refused, refuse
from protocol.media import HASH, Medium
from server.limits.gate import stranger
from server.media.cache import MAX_FILE_BYTES, Kept
from server.media.ranges import Part, Unsatisfiable, part_of
from server.node import Node
from storage.errors import StorageUnavailable

_FOR_EVER: Final = "private, max-age=31536000, immutable"
_STEP: Final = 256 * 1024
"""Bytes that are read at once of a large file."""


def routes() -> list[Route]:
    return [Route("/media/{sealed}/{name}", _serve, methods=["GET"], name="media")]


async def _serve(request: Request) -> Response:
    node: Node = request.app.state.node
    name = request.path_params["name"]
    org_id = node.media_addresses.read(request.path_params["sealed"], name) if HASH.fullmatch(name) else None
    if org_id is None:
        await stranger(request.scope)
        raise HTTPException(404)
    if request.headers.get("if-none-match") == f'"{name}"':
        return Response(status_code=304, headers={"etag": f'"{name}"', "cache-control": _FOR_EVER})
    try:
        kept = await _kept(node, org_id, name)
        if isinstance(kept, Kept):
            return _whole_or_part(request, kept.medium, kept.data)
        return await _streamed(request, node, org_id, kept)
    except Unsatisfiable as error:
        return Response(status_code=416, headers={"content-range": f"bytes */{error.size}"})
    except StorageUnavailable as error:
        raise Refused(refuse(Code.STORAGE_UNAVAILABLE)) from error


async def _kept(node: Node, org_id: str, name: str) -> Kept | Medium:
    """With its bytes, where it is small."""
    found = node.media_cache.get(org_id, name)
    if found is not None:
        return found
    medium = await node.media.find(org_id, name)
    if medium is None:
        raise HTTPException(404)
    if medium.size > MAX_FILE_BYTES:
        return medium
    data = await node.media.read(org_id, name, 0, medium.size)
    if len(data) != medium.size:
        raise HTTPException(404)
    kept = Kept(medium, data)
    node.media_cache.put(org_id, kept)
    return kept


def _headers(medium: Medium, part: Part | None) -> dict[str, str]:
    # An SVG that is opened by itself is a page: it may do nothing. A sandbox would keep Chrome from showing a PDF.
    alone = "; sandbox" if medium.type == "image/svg+xml" else ""
    headers = {
        "accept-ranges": "bytes",
        "cache-control": _FOR_EVER,
        "content-disposition": "inline",
        "content-length": str(medium.size if part is None else part.size),
        "content-security-policy": f"default-src 'none'; style-src 'unsafe-inline'{alone}",
        "content-type": medium.type,
        "etag": f'"{medium.hash}"',
    }
    if part is not None:
        headers["content-range"] = f"bytes {part.start}-{part.start + part.size - 1}/{medium.size}"
    return headers


def _whole_or_part(request: Request, medium: Medium, data: bytes) -> Response:
    part = part_of(request.headers.get("range"), medium.size)
    shown = data if part is None else data[part.start : part.start + part.size]
    return Response(shown, 200 if part is None else 206, _headers(medium, part))


async def _streamed(request: Request, node: Node, org_id: str, medium: Medium) -> Response:
    part = part_of(request.headers.get("range"), medium.size)
    at, end = (0, medium.size) if part is None else (part.start, part.start + part.size)
    first = await node.media.read(org_id, medium.hash, at, min(_STEP, end - at))

    async def steps() -> AsyncIterator[bytes]:
        data, reached = first, at
        while data:
            yield data
            reached += len(data)
            data = await node.media.read(org_id, medium.hash, reached, min(_STEP, end - reached))

    return StreamingResponse(steps(), 200 if part is None else 206, _headers(medium, part))
