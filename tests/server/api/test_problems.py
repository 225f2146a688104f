"""Every refusal is a problem detail, also those that no endpoint makes."""

from typing import Any

import pytest

from protocol.codes import REFUSALS, Code
from protocol.errors import refuse
from server.api.problems import problem
from tests.server.harness.exam import TEST
from tests.server.harness.running import RunningServer


@pytest.mark.parametrize("code", list(Code))
def test_every_code_has_its_response(code: Code) -> None:
    response = problem(refuse(code))
    assert response.status_code == REFUSALS[code].http
    assert response.media_type == "application/problem+json"
    assert response.headers["cache-control"] == "no-store"
    assert ("www-authenticate" in response.headers) == (response.status_code == 401)
    assert ("retry-after" in response.headers) == (response.status_code in (429, 503))


async def test_an_address_that_leads_nowhere(server: RunningServer) -> None:
    for path in ("/nowhere", "/test-attempts/x/y/z", "/assets/../secret", "/tests/a/b"):
        assert (await server.call("GET", path)).code == Code.NOT_FOUND, path


async def test_a_method_that_is_not_offered(server: RunningServer) -> None:
    reply = await server.call("DELETE", f"/tests/{TEST}", server.service)
    assert (reply.status, reply.code) == (405, Code.METHOD_NOT_ALLOWED)
    assert reply.headers["allow"] == "GET, HEAD, PUT", "all that the address does offer"


STRICT = ("content-security-policy", "cross-origin-resource-policy", "referrer-policy", "x-content-type-options")


async def test_a_bug_says_no_more_than_that_it_is_ours(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(*_: Any) -> None:
        raise RuntimeError("a secret detail")

    monkeypatch.setattr(server.node.catalogue, "reached_by", fail)
    reply = await server.call("GET", "/tests", server.service)
    assert (reply.status, reply.code) == (500, Code.INTERNAL)
    assert b"secret" not in reply.raw
    assert "a secret detail" in caplog.text, "the operator has to know"
    usual = await server.call("GET", "/nowhere")
    assert {name: reply.headers.get(name) for name in STRICT} == {name: usual.headers[name] for name in STRICT}


async def test_responses_are_strict_about_what_a_browser_may_do(server: RunningServer) -> None:
    for reply in (await server.call("GET", "/tests", server.service), await server.call("GET", "/nowhere")):
        assert reply.headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in reply.headers["content-security-policy"]
        assert reply.headers["cache-control"] == "no-store"
        assert "server" not in reply.headers


async def test_only_allowed_origins_may_read(server: RunningServer) -> None:
    async def allowed(origin: str) -> str | None:
        headers = {"origin": origin, "access-control-request-method": "GET"}
        async with server._http.options("/tests", headers=headers) as response:
            return response.headers.get("access-control-allow-origin")

    assert await allowed(server.settings.url) == server.settings.url
    assert await allowed("https://evil.example") is None
