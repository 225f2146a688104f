"""Files of tests: stored by who may store tests, served to whoever has the address."""

from pathlib import Path
from typing import Any

import pytest

from protocol.attempt.model import Role
from protocol.codes import Code
from protocol.media import hash_of
from server.media.cache import MAX_FILE_BYTES
from server.media.looking import MAX_BYTES
from tests.server.conftest import StartServer
from tests.server.harness.exam import ANSWERS, TEST, exam
from tests.server.harness.running import Reply, RunningServer
from tests.server.marking.test_marker import submitted
from tests.server.media.files import OTHERS, SVG, png

LARGE = OTHERS["video/mp4"] + bytes(range(256)) * (MAX_FILE_BYTES // 256 + 4_000)


async def stored(server: RunningServer, data: bytes) -> dict[str, object]:
    reply: dict[str, object] = (await server.call("POST", "/media", server.service, raw=data)).ok()
    return reply


async def get(server: RunningServer, address: object, **headers: str) -> Reply:
    return await server.call("GET", str(address), None, None, None, **headers)


@pytest.fixture(params=["table", "folder"])
async def kept(request: pytest.FixtureRequest, start_server: StartServer, tmp_path: Path) -> RunningServer:
    return await start_server(media_folder=tmp_path / "media" if request.param == "folder" else None)


async def test_a_file_is_stored_once_and_served_for_ever(kept: RunningServer) -> None:
    reply = await stored(kept, png(390, 20))
    assert reply == await stored(kept, png(390, 20))
    hashed = hash_of(png(390, 20))
    assert reply | {"address": ""} == {
        "hash": hashed, "type": "image/png", "size": len(png(390, 20)), "width": 390, "height": 20, "address": ""
    }  # fmt: skip
    await get(kept, reply["address"])
    served = await get(kept, reply["address"])
    assert (served.status, served.raw) == (200, png(390, 20))
    assert served.headers["content-type"] == "image/png"
    assert served.headers["cache-control"] == "private, max-age=31536000, immutable"
    assert served.headers["x-content-type-options"] == "nosniff"
    assert served.headers["content-security-policy"].startswith("default-src 'none'")
    again = await get(kept, reply["address"], **{"if-none-match": served.headers["etag"]})
    assert (again.status, again.raw) == (304, b"")


@pytest.mark.parametrize("data", [OTHERS["audio/mpeg"], LARGE], ids=["small", "large"])
async def test_a_part_is_served_to_a_player(kept: RunningServer, data: bytes) -> None:
    reply = await stored(kept, data)
    whole = await get(kept, reply["address"])
    assert (whole.status, whole.raw, whole.headers["accept-ranges"]) == (200, data, "bytes")
    part = await get(kept, reply["address"], range="bytes=3-")
    assert (part.status, part.raw) == (206, data[3:])
    assert part.headers["content-range"] == f"bytes 3-{len(data) - 1}/{len(data)}"
    assert (await get(kept, reply["address"], range="bytes=-5")).raw == data[-5:]
    beyond = await get(kept, reply["address"], range=f"bytes={len(data)}-")
    assert (beyond.status, beyond.headers["content-range"]) == (416, f"bytes */{len(data)}")


async def test_an_svg_that_is_opened_by_itself_may_do_nothing(server: RunningServer) -> None:
    served = await get(server, (await stored(server, SVG))["address"])
    assert served.headers["content-type"] == "image/svg+xml"
    assert served.headers["content-security-policy"].endswith("; sandbox")


async def test_nobody_finds_a_file_without_its_address(server: RunningServer) -> None:
    address = str((await stored(server, png()))["address"])
    _, _, sealed, hashed = address.split("/")
    other = "0" * 64
    for wrong in (
        f"/media/{hashed}",
        f"/media/{sealed}/{other}",
        f"/media/{sealed[:-1]}/{hashed}",
        f"/media/{sealed}/a",
    ):
        assert (await get(server, wrong)).status == 404
    # A seal of ours over a file that is not there, or is another organisation's.
    assert (await get(server, server.node.media_addresses.address("school", other))).status == 404
    assert (await get(server, server.node.media_addresses.address("college", hashed))).status == 404


async def test_a_result_has_the_addresses_of_the_files_that_its_feedback_names(server: RunningServer) -> None:
    medium = await stored(server, png())
    body = exam(shows="feedback")
    picture = f'<p><img src="media:{medium["hash"]}" alt="The curve"></p>'
    body["questions"][0]["interactions"][0]["option_feedback"] = {"b": picture}
    (await server.call("PUT", f"/tests/{TEST}", server.service, body)).ok()
    attempt_id = await submitted(server, ANSWERS)
    await server.reaches(attempt_id, "completed")
    result = (await server.call("GET", f"/test-attempts/{attempt_id}/result", server.token())).ok()
    assert result["media"] == [{"hash": medium["hash"], "address": medium["address"]}]


async def test_who_marks_has_the_passage_and_the_files_before_her(server: RunningServer) -> None:
    medium, other = await stored(server, png()), await stored(server, png(20, 20))
    body = exam(essay=True)
    picture, graph = (f'<p><img src="media:{one["hash"]}" alt="The curve"></p>' for one in (medium, other))
    (essay,) = (one for one in body["questions"] if one["question_id"] == "essay")
    essay |= {"body": picture, "passage_id": "p"}
    body["passages"] = [{"passage_id": "p", "title": "A well", "body": graph}]
    (await server.call("PUT", f"/tests/{TEST}", server.service, body)).ok()
    attempt_id = await submitted(server, ANSWERS | {"essay": "Two reasons."})
    await server.node.marker.mark([attempt_id])
    marker = server.token(Role.MARKER, "mia")
    claimed = (await server.call("POST", f"/tests/{TEST}/marking-queue/claim", marker, {})).ok()["task"]
    (listed,) = (await server.call("GET", f"/test-attempts/{attempt_id}/essays", server.instructor)).ok()["essays"]
    for shown in (claimed, listed):
        assert shown["passage"] == {"passage_id": "p", "title": "A well", "body": graph}
        addresses = {one["hash"]: one["address"] for one in shown["media"]}
        assert addresses == {one["hash"]: one["address"] for one in (medium, other)}


async def test_what_the_same_bytes_are_elsewhere_is_nobodys_business(server: RunningServer) -> None:
    theirs = server.token(Role.SERVICE, "platform", "college")
    mine = await stored(server, png())
    other = (await server.call("POST", "/media", theirs, raw=png())).ok()
    assert other["hash"] == mine["hash"]
    assert other["address"] != mine["address"]


@pytest.mark.parametrize(
    ("data", "code", "said"),
    [
        (b"", Code.INVALID_MEDIA, "empty"),
        (b"hello", Code.INVALID_MEDIA, "is no PNG"),
        (png(60_000, 60_000), Code.INVALID_MEDIA, "pixels"),
        (SVG.replace(b"<rect", b"<script>alert(1)</script><rect"), Code.INVALID_MEDIA, "the element `<script>`"),
        (b'<!DOCTYPE svg [<!ENTITY a "b">]><svg/>', Code.INVALID_MEDIA, "entities"),
        (bytes(MAX_BYTES + 1), Code.TOO_LARGE, ""),
    ],
    ids=["empty", "text", "pixels", "script", "entities", "size"],
)
async def test_what_can_not_be_used_is_refused_by_name(
    server: RunningServer, data: bytes, code: Code, said: str
) -> None:
    refused = await server.call("POST", "/media", server.service, raw=data)
    assert refused.code == code
    assert said in refused.body["detail"]
    assert await server.node.media.total("school") == 0


async def test_an_organisation_has_a_quota(start_server: StartServer) -> None:
    server = await start_server(media_quota_bytes=len(png()))
    await stored(server, png())
    await stored(server, png())
    refused = await server.call("POST", "/media", server.service, raw=png(4, 4))
    assert (refused.status, refused.code) == (409, Code.MEDIA_FULL)
    (await server.call("POST", "/media", server.token(Role.SERVICE, "platform", "college"), raw=png())).ok()


async def test_who_may_not_store_tests_stores_no_files(server: RunningServer) -> None:
    for role in (Role.CANDIDATE, Role.INVIGILATOR, Role.MARKER, Role.INSTRUCTOR):
        assert (await server.call("POST", "/media", server.token(role), raw=png())).code == Code.FORBIDDEN


async def test_a_limited_token_stores_files_where_it_reaches_a_test_as_a_whole(server: RunningServer) -> None:
    def administrator(**limits: Any) -> str:
        return server.token(Role.ADMINISTRATOR, "ada", **limits)

    (await server.call("POST", "/media", administrator(tests=["algebra"]), raw=png())).ok()
    for limits in ({"branches": ["south"]}, {"groups": ["b"]}, {"tests": ["algebra"], "branches": ["south"]}):
        assert (await server.call("POST", "/media", administrator(**limits), raw=png())).code == Code.FORBIDDEN
    of_an_attempt = server.token(Role.SERVICE, "platform", attempt_id=await server.started())
    assert (await server.call("POST", "/media", of_an_attempt, raw=png())).code == Code.FORBIDDEN
