"""The two pages and their assets, as they were built, with the headers that keep a browser strict."""

from pathlib import Path
from typing import Any, Final

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

DIST: Final = Path(__file__).parent.parent / "clients" / "web" / "dist"

_HEADERS: Final = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self' ws: wss:; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}


class SecurityHeaders:
    """Adds the headers to every HTTP response. Plain ASGI: it holds nothing back and cancels nothing."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_with_headers)


def page(name: str) -> Route:
    """`/name`, a page of its own."""

    async def respond(request: Request) -> Response:
        file = DIST / f"{name}.html"
        if not file.is_file():
            raise HTTPException(404)
        return FileResponse(file, headers={"cache-control": "no-cache"})

    return Route(f"/{name}", respond, name=name)


async def _front(request: Request) -> Response:
    return RedirectResponse("/sit")


class _Assets(StaticFiles):
    """Files whose names change with their content: a browser need never ask for one again."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        response = super().file_response(*args, **kwargs)
        response.headers["cache-control"] = "public, max-age=31536000, immutable"
        return response


def routes() -> list[BaseRoute]:
    """Everything a browser loads."""
    return [
        Route("/", _front),
        page("sit"),
        page("monitor"),
        Mount("/assets", GZipMiddleware(_Assets(directory=DIST / "assets", check_dir=False)), name="assets"),
    ]
