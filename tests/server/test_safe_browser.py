"""Safe Exam Browser: who does not prove it neither begins nor goes on; by headers, and by what a page passes on."""

import plistlib
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from protocol.attempt.model import Role
from protocol.codes import Code
from protocol.integrity.safe_exam_browser import BROWSER_HEADER, CONFIG_HEADER, PAGE_HEADER, config_key, hash_for
from tests.server.harness.exam import TEST
from tests.server.harness.running import RunningServer

KEY = "81aad4ab9dfd447cc479e6a4a7c9a544e2cafc7f3adeb68b2a21efad68eca4dc"
START = "https://exams.example.org/start"


async def started(server: RunningServer, user: str, **headers: str) -> Any:
    path = f"/test-attempts/{await server.make_attempt(user)}/start"
    body = await server.with_connection(path, server.token(user=user), {})
    proven = {name: hash_for(f"{server.settings.url}{path}", key) for name, key in headers.items()}
    return await server.call("POST", path, server.token(user=user), body, None, **proven)


async def test_she_begins_with_the_keys_of_the_test_alone(server: RunningServer) -> None:
    await server.make_test(safe_exam_browser={"config_keys": [KEY], "browser_keys": ["0b" * 32]})
    right = {CONFIG_HEADER: KEY, BROWSER_HEADER: "0b" * 32}
    assert (await started(server, "ada")).code == Code.SAFE_EXAM_BROWSER
    assert (await started(server, "bob", **{CONFIG_HEADER: KEY})).code == Code.SAFE_EXAM_BROWSER
    assert (await started(server, "eve", **(right | {CONFIG_HEADER: "0c" * 32}))).code == Code.SAFE_EXAM_BROWSER
    assert (await started(server, "ivy", **right)).status == 200


async def test_what_a_page_passes_on_proves_it_and_whoever_has_begun_goes_on_by_it_alone(server: RunningServer) -> None:
    await server.make_test(safe_exam_browser={"config_keys": [KEY]})
    page = f"{server.settings.url}/sit"
    attempt_id = await server.make_attempt("ada")
    path = f"/test-attempts/{attempt_id}"
    token = server.token(user="ada")
    told = (await server.call("POST", f"{path}/resume", token, server.arrival())).ok()
    assert [one["code"] for one in told["hindrances"]] == [Code.SAFE_EXAM_BROWSER]
    passed_on = {PAGE_HEADER: f"{page} {hash_for(page, KEY)} -"}
    told = (await server.call("POST", f"{path}/resume", token, server.arrival(), None, **passed_on)).ok()
    assert told["hindrances"] == []
    begin = {"connection_id": told["connection_id"]}
    assert (await server.call("POST", f"{path}/start", token, begin, None, **passed_on)).status == 200
    with pytest.raises(ConnectionClosed, match="4501"):
        await server.sit(attempt_id, "ada")
    assert (await server.call("GET", f"{path}/paper", token)).code == Code.SAFE_EXAM_BROWSER
    assert (await server.call("GET", f"{path}/paper", token, None, None, **passed_on)).status == 200
    assert (await server.call("GET", f"{path}/paper", server.instructor)).status == 200
    refused = await server.call("POST", f"{path}/resume", token, server.arrival())
    assert refused.code == Code.SAFE_EXAM_BROWSER, "whoever has begun goes on in it alone"


async def test_the_file_of_a_test_opens_its_address_and_its_key_is_accepted(server: RunningServer) -> None:
    await server.make_test(safe_exam_browser={"start_url": START})
    reply = await server.call("GET", f"/tests/{TEST}/safe-exam-browser", server.instructor)
    settings = plistlib.loads(reply.raw)
    assert settings["startURL"] == START
    for token in (server.token(Role.INSTRUCTOR, tests=["other"]), server.token(Role.INSTRUCTOR, org="college")):
        reply = await server.call("GET", f"/tests/{TEST}/safe-exam-browser", token)
        assert reply.code == Code.NOT_FOUND
    assert (await started(server, "ada", **{CONFIG_HEADER: config_key(settings)})).status == 200
