"""What callers hear of an endpoint that goes."""

from email.utils import parsedate_to_datetime

import pytest
from msgspec.structs import replace

from server import app
from server.api.deprecation import Deprecated
from tests.server.conftest import StartServer

GONE = Deprecated(1_788_000_000_500, 1_819_584_000_000, "Call `GET /results` in its place.")


async def test_an_endpoint_that_goes_says_so_in_each_answer_and_in_the_document(
    start_server: StartServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = "/rooms"
    changed = [
        replace(one, deprecated=GONE) if (one.method, one.path) == ("GET", path) else one for one in app.ENDPOINTS
    ]
    assert sum(one.deprecated is not None for one in changed) == 1
    monkeypatch.setattr(app, "ENDPOINTS", changed)
    # The document is kept for all servers of a process.
    monkeypatch.setattr(app, "openapi", app.openapi.__wrapped__)
    monkeypatch.setattr(app, "_routes", app._routes.__wrapped__)
    server = await start_server()
    answer = await server.call("GET", path, server.instructor)
    answer.ok()
    assert answer.headers["deprecation"] == "@1788000000"
    assert parsedate_to_datetime(answer.headers["sunset"]).timestamp() == 1_819_584_000
    assert answer.headers["link"] == '</openapi.json>; rel="deprecation"; type="application/json"'
    document = (await server.call("GET", "/openapi.json", "")).ok()
    told = document["paths"][path]["get"]
    assert told["deprecated"] is True
    assert told["description"].endswith("Mon, 30 Aug 2027 00:00:00 GMT. Call `GET /results` in its place.")
    other = await server.call("GET", "/tests", server.instructor)
    assert "deprecation" not in other.headers
    assert "deprecated" not in document["paths"]["/tests"]["get"]
