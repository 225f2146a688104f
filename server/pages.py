"""Serves the built pages and their assets, and what lets a browser keep one, with strict security headers."""

import re
from base64 import b64encode
from collections.abc import Iterable
from functools import cache
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import Final
from urllib.parse import quote, unquote

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.prepared import ASK_AGAIN, KEPT_FOR_EVER, Prepared, language_asked, prepare_file, prepare_folder

ASSETS: Final = "/assets/"
DIST: Final = Path(__file__).parent.parent / "clients" / "web" / "dist"

_HEADERS: Final = {
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}

_HEADINGS: Final = {
    401: ("Not signed in", "We don’t know who you are"),
    403: ("Not allowed", "This is not open to you"),
    404: ("Not found", "We can’t find this page"),
    429: ("Please wait", "Please wait a moment"),
    503: ("Please wait", "Please try again shortly"),
}
"""Status → title and heading of the page that says so."""
_OTHERWISE: Final = ("That did not work", "That did not work")
_FILLED: Final = re.compile(r"(?<=<title>)[^<]*(?=</title>)|(?<=<h1>)[^<]*(?=</h1>)|(?<=<p>)[^<]*(?=</p>)")
_INLINE: Final = {
    "script": re.compile(rb'<script(?: type="module")?>(.*?)</script>', re.DOTALL),
    "style": re.compile(rb"<style>(.*?)</style>", re.DOTALL),
}
"""What the build has written into a page itself."""
_STYLES: Final = re.compile(r'<link rel="stylesheet"[^>]*>')
_PARTS: Final = 4
"""Of a page of which three texts are filled in."""


def security_headers(
    own_origins: Iterable[str], frame_ancestors: Iterable[str] = (), *, sits: bool = False
) -> dict[str, str]:
    """The headers of every response; `sits`: of the candidate's page. `own_origins` are where browsers reach this
    server; pages of `frame_ancestors` may show it in a frame."""
    # Safari before 15.4 does not count a socket to the page's own origin as 'self'. No policy can name an IPv6 address.
    sockets = " ".join(sorted(origin.replace("http", "ws", 1) for origin in own_origins if "[" not in origin))
    framed_by = " ".join(frame_ancestors) or "'none'"
    policy = (
        f"default-src 'none'; script-src 'self'{_inline('script') if sits else ''}; "
        f"style-src 'self'{_inline('style') if sits else ''}; "
        "img-src 'self' data:; media-src 'self'; "
        "font-src 'self'; "
        f"connect-src 'self' {sockets}; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; "
        # Svelte makes its templates by a policy of this name; nothing else makes HTML or scripts of a text.
        # `pencilsdown-worker` makes the one address of a worker.
        f"frame-ancestors {framed_by}; require-trusted-types-for 'script'; "
        # `ProseMirrorClipboard` lets the editor of rich text read what is pasted, in a document that nothing runs in.
        f"trusted-types svelte-trusted-html pencilsdown-worker{' ProseMirrorClipboard' if sits else ''}"
    )
    # Which test a page shows it learns by itself: its address says nothing of that to the server. So the candidate's
    # page may ask for camera and screen whatever the test, and does where the test says so; frames of others never may.
    seen = "(self)" if sits else "()"
    allowed = f"camera={seen}, display-capture={seen}, geolocation=(), microphone=(self)"
    return _HEADERS | {"content-security-policy": policy, "permissions-policy": allowed}


@cache
def _inline(element: str) -> str:
    """What lets the candidate's page have the scripts, or the styles, in its document, and no others."""
    found = {inline for file in DIST.glob("sit*.html") for inline in _INLINE[element].findall(file.read_bytes())}
    return "".join(sorted(f" 'sha256-{b64encode(sha256(inline).digest()).decode()}'" for inline in found))


class SecurityHeaders:
    """Adds the headers to every HTTP response. Plain ASGI: it buffers nothing and cancels nothing."""

    def __init__(self, app: ASGIApp, own_origins: Iterable[str], frame_ancestors: Iterable[str] = ()) -> None:
        self._app = app
        self._headers = security_headers(own_origins)
        self._framed = security_headers(own_origins, frame_ancestors, sits=True)
        """Those of the candidate's page alone."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = self._framed if scope["path"] == "/sit" else self._headers

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in given.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_with_headers)


def _route(path: str, prepared: Prepared | None) -> Route:
    """`path` answers with these bytes; without them, with 404."""

    async def respond(request: Request) -> Response:
        if prepared is None:
            raise HTTPException(404)
        return prepared.respond(request)

    return Route(path, respond)


def _file(name: str, media_type: str | None = None) -> Route:
    """`/name`, a file whose address stays while its content changes."""
    file = DIST / name
    return _route(f"/{name}", prepare_file(file, ASK_AGAIN, media_type) if file.is_file() else None)


def _page(name: str) -> Route:
    """`/name`, a page of its own."""
    file = DIST / f"{name}.html"
    return _route(f"/{name}", prepare_file(file, ASK_AGAIN) if file.is_file() else None)


def _page_by_language(name: str) -> Route:
    """`/name`, a page that has been built in several languages: `name.html` is the English one."""
    found = {file.suffixes[0][1:]: file for file in DIST.glob(f"{name}.*.html")} | {"en": DIST / f"{name}.html"}
    pages = {
        language: prepare_file(file, ASK_AGAIN, by_language=True) for language, file in found.items() if file.is_file()
    }

    async def respond(request: Request) -> Response:
        page = pages.get(language_asked(request.headers.get("accept-language", ""), pages) or "en")
        if page is None:
            raise HTTPException(404)
        return page.respond(request)

    return Route(f"/{name}", respond)


def _repair(name: str) -> Route:
    """
    `/name%23…`: a personal link whose `#` was encoded on its way, by a mail program or a chat. Leads to the page with
    the fragment that was meant. Always to our own page, whatever follows; the token is kept by no cache.
    """

    async def respond(request: Request) -> Response:
        # Use the raw path: decoding it would turn an encoded `&` inside a test's id into the end of the id.
        fragment = request.scope["raw_path"].decode("ascii", "replace").partition("%23")[2]
        if "=" not in fragment:
            fragment = unquote(fragment)
        link = f"/{name}#{quote(fragment, safe='=&%-._~+:')}"
        return Response(status_code=303, headers={"location": link, "cache-control": "no-store"})

    return Route(f"/{name}#{{fragment:path}}", respond)


def in_a_window(request: Request) -> bool:
    """Whether a browser asks for something to show to a person."""
    return request.method == "GET" and "text/html" in request.headers.get("accept", "")


def refused(status: int, says: str) -> bytes | None:
    """The page on which a person reads why she is not shown what she asked for; None: the pages are not built."""
    parts = _refusal_page()
    if parts is None:
        return None
    title, heading = (escape(text) for text in _HEADINGS.get(status, _OTHERWISE))
    return "".join((parts[0], title, parts[1], heading, parts[2], escape(says), parts[3])).encode()


@cache
def stylesheet() -> str:
    """What links the pages' own styles from a page that is made here; nothing where the pages are not built."""
    file = DIST / "lost.html"
    found = _STYLES.search(file.read_text("utf-8")) if file.is_file() else None
    return "" if found is None else found[0]


@cache
def _refusal_page() -> tuple[str, ...] | None:
    """What stands before, between and behind the title, the heading and the sentence."""
    file = DIST / "lost.html"
    if not file.is_file():
        return None
    parts = _FILLED.split(file.read_text("utf-8"))
    return tuple(parts) if len(parts) == _PARTS else None


def lost(request: Request) -> Response | None:
    """The page for an unknown address; None if the request does not come from a browser's window."""
    if not in_a_window(request):
        return None
    file = DIST / "lost.html"
    if not file.is_file():
        return None
    page = prepare_file(file, "no-store").respond(request)
    page.status_code = 404
    return page


async def _front(request: Request) -> Response:
    return RedirectResponse("/sit")


def _assets() -> Route:
    assets = prepare_folder(DIST / "assets", KEPT_FOR_EVER)

    async def respond(request: Request) -> Response:
        asset = assets.get(request.path_params["name"])
        if asset is None:
            raise HTTPException(404)
        return asset.respond(request)

    return Route(f"{ASSETS}{{name:path}}", respond)


def routes() -> list[BaseRoute]:
    """Everything a browser loads, read and compressed here, once."""
    pages = [_page_by_language("sit"), _page("monitor"), _page("staff"), *map(_repair, ("sit", "monitor", "staff"))]
    kept = [_file("sit-worker.js"), _file("sit.webmanifest", "application/manifest+json")]
    icons = [_file(f"sit-icon-{size}.png") for size in (192, 512)]
    return [Route("/", _front), *pages, *kept, *icons, _assets()]
