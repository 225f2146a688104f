"""What is the same for everybody is made once."""

import gzip
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import Request

from server import app, pages
from server.prepared import ASK_AGAIN, KEPT_FOR_EVER, Prepared, prepare_file, prepare_folder
from tests.server.harness.running import RunningServer

TEXT = b"the same words " * 100


def asked(**headers: str) -> Request:
    pairs = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "method": "GET", "path": "/", "headers": pairs})


@pytest.mark.parametrize("accepted", ["gzip", "br, gzip;q=0.5", "*", "GZIP"])
def test_whoever_takes_gzip_gets_it(accepted: str) -> None:
    response = Prepared(TEXT, "text/plain", ASK_AGAIN).respond(asked(accept_encoding=accepted))
    assert response.headers["content-encoding"] == "gzip"
    assert gzip.decompress(bytes(response.body)) == TEXT


@pytest.mark.parametrize("accepted", ["", "br", "gzip;q=0", "identity", "gzip; q=0.0"])
def test_whoever_does_not_gets_it_as_it_is(accepted: str) -> None:
    response = Prepared(TEXT, "text/plain", ASK_AGAIN).respond(asked(accept_encoding=accepted))
    assert ("content-encoding" in response.headers, bytes(response.body)) == (False, TEXT)
    assert response.headers["vary"] == "accept-encoding"


def test_what_gzip_makes_no_smaller_is_sent_as_it_is() -> None:
    response = Prepared(b"x", "text/plain", ASK_AGAIN).respond(asked(accept_encoding="gzip"))
    assert bytes(response.body) == b"x"


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
@pytest.mark.parametrize("named", ["{}", "W/{}", '"other", {}', "*"])
def test_a_browser_that_has_it_is_not_sent_it_again(named: str, encoding: str) -> None:
    answer = Prepared(TEXT, "text/plain", ASK_AGAIN)
    tag = answer.respond(asked(accept_encoding=encoding)).headers["etag"]
    again = answer.respond(asked(accept_encoding=encoding, if_none_match=named.format(tag)))
    assert (again.status_code, bytes(again.body), again.headers["etag"]) == (304, b"", tag)
    other = Prepared(TEXT + b".", "text/plain", ASK_AGAIN)
    assert other.respond(asked(accept_encoding=encoding, if_none_match=tag)).status_code == 200


def test_a_folder_is_its_files(tmp_path: Path) -> None:
    (tmp_path / "page.js").write_bytes(TEXT)
    (tmp_path / ".hidden").write_bytes(TEXT)
    (tmp_path / "inner").mkdir()
    found = prepare_folder(tmp_path, KEPT_FOR_EVER)
    assert set(found) == {"page.js"}
    response = found["page.js"].respond(asked())
    assert response.headers["content-type"].startswith("text/javascript")
    assert response.headers["cache-control"] == KEPT_FOR_EVER
    assert prepare_folder(tmp_path / "nothing", KEPT_FOR_EVER) == {}


@pytest.mark.parametrize(
    ("accepted", "coding"), [("gzip, deflate, br", "br"), ("br;q=0, gzip", "gzip"), ("gzip", "gzip"), ("", None)]
)
def test_a_file_that_was_made_smaller_beforehand_is_sent_so(tmp_path: Path, accepted: str, coding: str | None) -> None:
    (tmp_path / "page.js").write_bytes(TEXT)
    (tmp_path / "page.js.br").write_bytes(b"small")
    folder = prepare_folder(tmp_path, KEPT_FOR_EVER)
    assert set(folder) == {"page.js"}
    response = folder["page.js"].respond(asked(accept_encoding=accepted))
    assert response.headers.get("content-encoding") == coding
    assert (bytes(response.body) == b"small") is (coding == "br")
    assert response.headers["content-type"].startswith("text/javascript")


def test_a_file_that_was_made_no_smaller_is_sent_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "page.js").write_bytes(b"x")
    (tmp_path / "page.js.br").write_bytes(b"longer")
    response = prepare_folder(tmp_path, KEPT_FOR_EVER)["page.js"].respond(asked(accept_encoding="br"))
    assert bytes(response.body) == b"x"


def test_a_file_that_has_changed_is_read_again(tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_bytes(TEXT)
    first = prepare_file(file, ASK_AGAIN)
    assert prepare_file(file, ASK_AGAIN) is first
    file.write_bytes(TEXT + b".")
    assert bytes(prepare_file(file, ASK_AGAIN).respond(asked()).body) == TEXT + b"."


async def test_no_request_builds_or_compresses_anything(server: RunningServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server has started: from here on, building the document and compressing fail."""

    # Of a file that is hardly smaller for it nothing is compressed.
    large = [file.name for file in pages.DIST.glob("assets/*.js") if file.stat().st_size > 1_000]
    paths = ["/openapi.json", *(f"/assets/{name}" for name in large)]
    assert len(paths) > 10

    def fail(*_: object, **__: object) -> None:
        raise AssertionError("made for one request")

    monkeypatch.setattr(app, "document", fail)
    monkeypatch.setattr("gzip.compress", fail)
    monkeypatch.setattr("zlib.compressobj", fail)
    for path in paths:
        headers: dict[str, Any] = {"accept-encoding": "gzip"}
        reply = await server.call("GET", path, **headers)
        assert (reply.status, reply.headers["content-encoding"]) == (200, "gzip"), path
        headers["if-none-match"] = reply.headers["etag"]
        kept = await server.call("GET", path, **headers)
        assert (kept.status, kept.raw) == (304, b""), path


async def test_a_paper_that_all_have_is_compressed_once_for_whoever_takes_that(server: RunningServer) -> None:
    attempt_id = await server.started("ada")
    path = f"/test-attempts/{attempt_id}/paper"
    plain = await server.call("GET", path, server.token(user="ada"), **{"accept-encoding": "identity"})  # type: ignore[arg-type]
    packed = await server.call("GET", path, server.token(user="ada"), **{"accept-encoding": "gzip"})  # type: ignore[arg-type]
    assert plain.ok() == packed.ok()
    assert ("content-encoding" in plain.headers, packed.headers["content-encoding"]) == (False, "gzip")
    assert all(one.headers["vary"].startswith("accept-encoding") for one in (plain, packed))
    assert {one.headers["cache-control"] for one in (plain, packed)} == {"no-store"}
