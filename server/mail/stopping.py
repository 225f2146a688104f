"""The page that stops letters. Opening it changes nothing, since mail programs open links by themselves: who reads it
presses a button, and mail programs that can do so post at once (RFC 8058)."""

from html import escape
from typing import Final

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from protocol.attempt.model import Actor, Role
from server.mail.stops import PATH, Stop, read_stop
from server.mail.words import DEFAULT, FROM_RIGHT, languages, words_in
from server.node import Node
from server.pages import stylesheet
from storage.subscriptions import OFF, STOPPED

_POLICY: Final = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
_READER: Final = Actor(Role.SYSTEM, "reader")


async def _ask(request: Request) -> Response:
    stop = _stop_of(request)
    if stop is None:
        return _page(DEFAULT, "stop_wrong", status=404)
    return _page(stop.language, "stop_ask", button="stop_button")


async def _stop(request: Request) -> Response:
    node: Node = request.app.state.node
    stop = _stop_of(request)
    if stop is None:
        return _page(DEFAULT, "stop_wrong", status=404)
    now_ms = node.clock.now_ms()
    if stop.whose == "user":
        await node.mail_stops.add(stop.org_id, stop.id, now_ms)
    else:
        found = await node.subscriptions.get(stop.org_id, stop.id)
        if found is not None and found.enabled:
            values = {"enabled": False, "why_off": STOPPED}
            await node.subscriptions.change(stop.org_id, stop.id, values, _READER, now_ms, OFF)
    return _page(stop.language, "stopped")


def _stop_of(request: Request) -> Stop | None:
    node: Node = request.app.state.node
    return read_stop(node.sealer, request.query_params.get("t", ""))


def _page(language: str, says: str, *, button: str | None = None, status: int = 200) -> Response:
    language = language if language in languages() else DEFAULT
    words = words_in(language)
    direction = "rtl" if language in FROM_RIGHT else "ltr"
    form = ""
    if button is not None:
        button = f'<button class="button primary">{escape(words[button])}</button>'
        form = f'<form method="post" class="actions">{button}</form>\n'
    title = escape(words["stop_title"])
    return HTMLResponse(
        f'<!doctype html>\n<html lang="{language}" dir="{direction}">\n<head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta name="color-scheme" content="light dark"><title>{title}</title>{stylesheet()}</head>\n'
        f'<body>\n<main class="early now stack">\n<h1>{title}</h1>\n<p>{escape(words[says])}</p>\n{form}</main>\n'
        "</body>\n</html>\n",
        status,
        {"cache-control": "no-store", "content-security-policy": _POLICY},
    )


def routes() -> list[BaseRoute]:
    """Where the links lead."""
    return [Route(PATH, _ask, methods=["GET"]), Route(PATH, _stop, methods=["POST"])]
