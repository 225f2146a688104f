"""What `docs/integrating.md` says that platforms call is called, in its order, against a real server."""

import asyncio
import json
import re
from typing import Any

from server.app import ENDPOINTS
from tests.docs.pages import ROOT
from tests.server.conftest import StartServer
from tests.services.patience import PATIENCE_S

PAGE = (ROOT / "docs" / "integrating.md").read_text("utf-8")
BLOCKS = re.findall(r"^```http\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
HEADER = re.compile(r"[A-Z][\w-]+: ")
NAME = re.compile(r"\{(\w+)\}")


def filled(text: str, known: dict[str, str]) -> str:
    return NAME.sub(lambda found: known.get(found[1], found[0]), text)


def fits(told: Any, found: Any, known: dict[str, str]) -> bool:
    """Whether an answer is as the page says. Learns what the page gives a name."""
    match told:
        case "…":
            return found is not None
        case str() if (name := NAME.fullmatch(told)) is not None:
            return bool(found) and known.setdefault(name[1], found) == found
        case dict():
            return isinstance(found, dict) and all(fits(one, found.get(key), known) for key, one in told.items())
        case list():
            same = isinstance(found, list) and len(found) == len(told)
            return same and all(fits(one, other, known) for one, other in zip(told, found, strict=True))
        case _:
            return bool(told == found)


async def test_each_call_of_the_page_is_answered_as_it_says(start_server: StartServer) -> None:
    server = await start_server()
    known = {"service": server.service}
    assert len(BLOCKS) % 2 == 0
    for asked, told in zip(BLOCKS[::2], BLOCKS[1::2], strict=True):
        # A name is written `{service}` in the page, and so is JSON: only known names are filled in.
        head, _, body = filled(asked, known).partition("\n\n")
        line, *lines = head.strip().splitlines()
        method, path = line.split(" ")
        headers = dict(one.lower().split(": ", 1)[:1] + one.split(": ", 1)[1:] for one in lines)
        status, *expected = told.splitlines()
        wanted = dict(one.split(": ", 1) for one in expected if HEADER.match(one))
        content = json.loads("\n".join(one for one in expected if not HEADER.match(one)))
        sent = json.loads(body) if body.strip() else None
        async with asyncio.timeout(PATIENCE_S):
            while True:
                reply = await server.call(method, path, None, sent, None, **headers)
                if reply.status != 409 or reply.body["retry"] != "later":
                    break
                await asyncio.sleep(0.01)
        assert f"HTTP {reply.status}" == status, (line, reply.raw)
        assert all(reply.headers.get(name.lower()) == value for name, value in wanted.items()), line
        assert fits(content, reply.body, known), (line, told, reply.raw)


def test_the_page_names_no_call_that_is_not_there() -> None:
    there = {f"{one.method} {one.path}" for one in ENDPOINTS}
    named = set(re.findall(r"`((?:GET|PUT|POST|DELETE) /[^`?\s]*)", PAGE))
    assert named
    assert named - there - {"GET /openapi.json"} == set()


def test_the_calls_of_an_attempt_are_all_in_the_table() -> None:
    for name in ("POST /test-attempts`", "/progress`", "/heartbeat`", "/complete`", "/status`", "/resume`"):
        assert f"{name} |" in PAGE
