"""Whom the server believes a candidate's address, which decides about a start where a test names address ranges: a
proxy that it trusts, and nobody else."""

from typing import Any

import pytest

from protocol.codes import Code
from tests.server.conftest import StartServer
from tests.server.harness.running import RunningServer
from tests.server.harness.socket import Headers

INSIDE, OUTSIDE = "192.0.2.7", "198.51.100.1"
RANGE = "192.0.2.0/24"

BELIEVED: dict[str, tuple[Headers, bool]] = {
    "nothing": ((), False),
    "the address": ((("X-Forwarded-For", INSIDE),), True),
    "with a port": ((("X-Forwarded-For", f"{INSIDE}:4711"),), True),
    "what the proxy has put behind the client's own words": ((("X-Forwarded-For", f"{OUTSIDE}, {INSIDE}"),), True),
    "the client's own words before it": ((("X-Forwarded-For", f"{INSIDE}, {OUTSIDE}"),), False),
    "a line of the client's before the proxy's": (
        (("X-Forwarded-For", INSIDE), ("X-Forwarded-For", OUTSIDE)),
        False,
    ),
    "a second proxy on this machine": ((("X-Forwarded-For", f"{INSIDE}, 127.0.0.1"),), True),
    "empty": ((("X-Forwarded-For", ""),), False),
    "no address": ((("X-Forwarded-For", "unknown"),), False),
    "a number too large": ((("X-Forwarded-For", "192.0.2.999"),), False),
    "another notation": ((("X-Forwarded-For", "0xC0000207"),), False),
    "a range": ((("X-Forwarded-For", RANGE),), False),
    "mapped into IPv6": ((("X-Forwarded-For", f"::ffff:{INSIDE}"),), True),
    "headers that others use": (
        (
            ("Forwarded", f"for={INSIDE}"),
            ("X-Real-IP", INSIDE),
            ("X-Client-IP", INSIDE),
            ("True-Client-IP", INSIDE),
            ("CF-Connecting-IP", INSIDE),
            ("X-Forwarded", INSIDE),
            ("X-Cluster-Client-IP", INSIDE),
        ),
        False,
    ),
}


async def lets_in(server: RunningServer, name: str, headers: Headers) -> tuple[bool, bool]:
    """Whether a candidate may start whose calls, or whose handshake, have these headers."""
    over_rest, over_socket = f"rest {name}", f"socket {name}"
    attempt_id = await server.make_attempt(over_rest)
    path = f"/test-attempts/{attempt_id}/start"
    body = await server.with_connection(path, server.token(user=over_rest), {})
    # A call of this client can't have a header twice: its lines are one then, as HTTP reads them.
    joined: dict[str, Any] = {}
    for header, value in headers:
        joined[header] = f"{joined[header]}, {value}" if header in joined else value
    reply = await server.call("POST", path, server.token(user=over_rest), body, **joined)
    assert reply.status == 200 or reply.code == Code.WRONG_ADDRESS
    socket = await server.sit(await server.make_attempt(over_socket), over_socket, headers)
    async with socket:
        await socket.send("start", n=1, access_code=None, client_at_ms=0)
        while (message := await socket.next())["t"] not in ("state", "refused"):
            pass
        assert message["t"] == "state" or message["code"] == Code.WRONG_ADDRESS
    return reply.status == 200, message["t"] == "state"


async def test_a_trusted_proxy_alone_says_from_where_a_candidate_comes(
    start_server: StartServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FORWARDED_ALLOW_IPS", raising=False)
    server = await start_server()
    await server.make_test(address_ranges=[RANGE])
    found = {name: await lets_in(server, name, headers) for name, (headers, _) in BELIEVED.items()}
    assert found == {name: (let_in, let_in) for name, (_, let_in) in BELIEVED.items()}


async def test_no_header_of_anybody_else_is_believed(
    start_server: StartServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "203.0.113.9")
    server = await start_server()
    await server.make_test(address_ranges=[RANGE])
    found = {name: await lets_in(server, name, headers) for name, (headers, _) in BELIEVED.items()}
    assert found == dict.fromkeys(BELIEVED, (False, False))
    # Nor does one keep anybody out.
    await server.make_test(address_ranges=["127.0.0.0/8"])
    assert await lets_in(server, "kept out", (("X-Forwarded-For", OUTSIDE),)) == (True, True)
