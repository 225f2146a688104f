"""What a browser loads, from a real server, with the headers that keep it strict."""

import asyncio
import re
from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from yarl import URL

from server.limits.budgets import Paced
from server.pages import DIST, security_headers
from server.settings import Settings
from tests.server.conftest import StartServer
from tests.server.harness.running import RunningServer

FIRST_LOAD_BYTES = 56_000
"""In Brotli, until the start page stands: a second on a slow phone."""

LANGUAGES = ("en", "de", "es", "fr", "ar", "tr")


@pytest.fixture
def script() -> Path:
    """One of the built scripts, large enough to be worth compressing."""
    scripts = sorted(DIST.glob("assets/*.js"), key=lambda file: file.stat().st_size)
    if not scripts:
        pytest.skip("the pages are not built (`make install` builds them)")
    return scripts[-1]


async def test_a_page_is_strict_and_asked_for_again(server: RunningServer, script: Path) -> None:
    async with aiohttp.ClientSession() as http, http.get(f"{server.settings.url}/sit") as response:
        assert response.status == 200
        assert response.headers["cache-control"] == "no-cache"
        assert "script-src 'self'" in response.headers["content-security-policy"]
        assert "unsafe" not in response.headers["content-security-policy"]
        assert response.headers["referrer-policy"] == "no-referrer"


async def test_assets_are_compressed_and_kept_for_ever(server: RunningServer, script: Path) -> None:
    async with aiohttp.ClientSession(auto_decompress=False) as http:
        url = f"{server.settings.url}/assets/{script.name}"
        async with http.get(url, headers={"accept-encoding": "gzip"}) as response:
            assert response.headers["content-encoding"] == "gzip"
            assert response.headers["cache-control"] == "public, max-age=31536000, immutable"
            assert len(await response.read()) < script.stat().st_size / 2
        async with http.get(url, headers={"accept-encoding": "identity"}) as response:
            assert await response.read() == script.read_bytes()


async def test_a_file_that_a_script_has_named_is_not_asked_for_again_by_another_request(
    server: RunningServer, script: Path
) -> None:
    """A script's request names its origin, and a `fetch` of the same file does not: that must make no other answer."""
    async with aiohttp.ClientSession() as http:
        for headers in ({}, {"origin": server.settings.url}, {"origin": "https://elsewhere.example"}):
            async with http.get(f"{server.settings.url}/assets/{script.name}", headers=headers) as response:
                assert response.headers["vary"] == "accept-encoding"
                assert "access-control-allow-origin" not in response.headers


async def test_all_that_a_candidates_page_loads_at_first_is_small(server: RunningServer, script: Path) -> None:
    async with aiohttp.ClientSession(server.settings.url, auto_decompress=False) as http:

        async def loaded(path: str, language: str = "en") -> bytes:
            headers = {"accept-encoding": "br", "accept-language": language}
            async with http.get(path, headers=headers) as response:
                assert response.headers.get("content-encoding", "br") == "br"
                return await response.read()

        page = (DIST / "sit.html").read_text("utf-8")
        names = re.findall(r'(?:src|href)="(/assets/[^"]+)"', re.sub('<link rel="modulepreload"[^>]*>', "", page))
        assert [Path(name).suffix for name in names] == [".js"], "each file takes a turn"
        # What the page says at first stands in its document.
        size = max([len(await loaded("/sit", language)) for language in LANGUAGES]) + len(await loaded(names[0]))
    assert size <= FIRST_LOAD_BYTES, size


@pytest.mark.parametrize(
    ("asked", "spoken"),
    [
        (None, "en"),
        ("", "en"),
        ("de-AT,de;q=0.9,en;q=0.8", "de"),
        ("pt-BR, fr;q=0.5, ar;q=0.7", "ar"),
        ("nl;q=1, TR;q=0.001", "tr"),
        ("es;q=0, sv", "en"),
        ("de;q=nan, fr;level=1, ../..;q=9", "en"),
    ],
)
async def test_the_candidates_page_speaks_the_language_that_the_browser_asks_for(
    server: RunningServer, script: Path, asked: str | None, spoken: str
) -> None:
    headers = {} if asked is None else {"accept-language": asked}
    async with aiohttp.ClientSession() as http, http.get(f"{server.settings.url}/sit", headers=headers) as response:
        assert f'<html lang="{spoken}"' in await response.text()
        assert response.headers["vary"].startswith("accept-encoding, accept-language")


async def test_the_candidates_page_brings_styles_and_words_in_every_language_and_names_its_script_first(
    server: RunningServer, script: Path
) -> None:
    """The policy lets it have these and no others; to ask for the script takes no look at the page."""
    for language in LANGUAGES:
        asked: dict[str, Any] = {"accept-language": language}
        given = await server.call("GET", "/sit", **asked)
        page = given.raw.decode()
        policy = parts_of(given.headers)
        (styles,) = re.findall("<style>(.*?)</style>", page, re.DOTALL)
        assert policy["style-src"] == f"'self' '{hash_of(styles)}'"
        scripts = re.findall(r'<script(?: type="module")?>(.*?)</script>', page, re.DOTALL)
        assert len(scripts) == 2, "the call for the attempt, and the words"
        allowed = policy["script-src"].split()
        assert {f"'{hash_of(one)}'" for one in scripts} < set(allowed)
        assert len(allowed) == 2 + len(LANGUAGES), "the page's own files, and of each language its words"
        named, hinted = (set(re.findall(r"/assets/[\w.-]+\.js", text)) for text in (page, given.headers["link"]))
        assert named == hinted
        assert len(named) == 1, language


def hash_of(inline: str) -> str:
    return f"sha256-{b64encode(sha256(inline.encode()).digest()).decode()}"


async def test_what_keeps_the_page_is_asked_for_again(server: RunningServer, script: Path) -> None:
    """A browser looks for another release at its fixed address."""
    types = {
        "sit-worker.js": "text/javascript",
        "sit.webmanifest": "application/manifest+json",
        "sit-icon-192.png": "image/png",
        "sit-icon-512.png": "image/png",
    }
    async with aiohttp.ClientSession(server.settings.url) as http:
        for name, media_type in types.items():
            async with http.get(f"/{name}") as response:
                assert (response.status, response.content_type) == (200, media_type)
                assert response.headers["cache-control"] == "no-cache"


async def test_the_front_door_leads_to_the_candidates_page(server: RunningServer, script: Path) -> None:
    async with aiohttp.ClientSession() as http, http.get(f"{server.settings.url}/", allow_redirects=False) as response:
        assert (response.status, response.headers["location"]) == (307, "/sit")


async def test_a_page_speaks_to_its_own_server_alone(server: RunningServer) -> None:
    headers = (await server.call("GET", "/sit")).headers
    policy = parts_of(headers)
    assert policy["connect-src"].split() == [
        "'self'",
        *(f"ws://{name}:{server.settings.port}" for name in ("127.0.0.1", "localhost")),
    ]
    assert policy["require-trusted-types-for"] == "'script'"
    assert policy["trusted-types"] == "svelte-trusted-html pencilsdown-worker ProseMirrorClipboard"
    for path in ("/sit", "/monitor", "/assets/nothing.js", "/livez", "/openapi.json", "/tests"):
        given = (await server.call("GET", path)).headers
        # The editor of rich text is part of the candidate's page alone, and so is what stands in its document.
        same = headers["content-security-policy"]
        if path != "/sit":
            same = re.sub(" 'sha256-[^']+'", "", same).removesuffix(" ProseMirrorClipboard")
        assert given["content-security-policy"] == same, path
        for name in ("resource-policy", "opener-policy"):
            assert given[f"cross-origin-{name}"] == "same-origin", path


def test_behind_a_proxy_the_public_name_is_the_pages_own() -> None:
    settings = Settings(host="10.0.0.1", public_url="https://exams.example.org")
    policy = parts_of(security_headers(settings.own_origins))
    assert policy["connect-src"] == "'self' wss://exams.example.org"


async def test_the_candidates_page_alone_is_framed_and_by_allowed_origins_alone(start_server: StartServer) -> None:
    server = await start_server(frame_ancestors="https://lms.example,http://127.0.0.1:8080")
    for path in ("/sit", "/monitor", "/", "/lost", "/assets/nothing.js", "/tests", "/sit/"):
        given = parts_of((await server.call("GET", path, accept="text/html")).headers)
        allowed = "https://lms.example http://127.0.0.1:8080" if path == "/sit" else "'none'"
        assert given["frame-ancestors"] == allowed, path


async def test_without_a_setting_nothing_is_framed(server: RunningServer) -> None:
    assert parts_of((await server.call("GET", "/sit")).headers)["frame-ancestors"] == "'none'"


def parts_of(headers: Mapping[str, str]) -> dict[str, str]:
    """The directives of the content security policy."""
    return dict(part.strip().partition(" ")[::2] for part in headers["content-security-policy"].split(";"))


@pytest.mark.parametrize("path", ["/", "/sit/", "/tests/", "/monitor/", "/assets", "/livez/", "//evil.example/"])
async def test_no_redirect_leads_to_a_host_that_the_request_names(server: RunningServer, path: str) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.settings.port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n".encode())
    answer = await reader.read()
    writer.close()
    assert b"evil.example" not in answer
    assert answer.startswith(b"HTTP/1.1 307" if path == "/" else (b"HTTP/1.1 404", b"HTTP/1.1 401"))


@pytest.mark.parametrize(
    ("path", "link"),
    [
        ("/sit%23test=a%20b&token=x.y-z_", "/sit#test=a%20b&token=x.y-z_"),
        ("/sit%23test%3Da%26token%3Dx", "/sit#test=a&token=x"),
        ("/sit%23test=a%26b&token=x", "/sit#test=a%26b&token=x"),
        ("/monitor%23test=a&token=x", "/monitor#test=a&token=x"),
        ("/sit%23//elsewhere.example/?a=b", "/sit#%2F%2Felsewhere.example%2F"),
        ("/sit%23%22%3E%3Cx", "/sit#%22%3E%3Cx"),
    ],
)
async def test_a_link_whose_hash_was_encoded_is_repaired(server: RunningServer, path: str, link: str) -> None:
    url = URL(f"{server.settings.url}{path}", encoded=True)
    async with aiohttp.ClientSession() as http, http.get(url, allow_redirects=False) as response:
        assert (response.status, response.headers["location"]) == (303, link)
        assert response.headers["cache-control"] == "no-store"
        assert response.headers["referrer-policy"] == "no-referrer"


async def test_a_browser_that_is_lost_gets_a_page_with_what_to_do(server: RunningServer, script: Path) -> None:
    headers = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    async with (
        aiohttp.ClientSession() as http,
        http.get(f"{server.settings.url}/test/exam", headers=headers) as response,
    ):
        assert (response.status, response.content_type) == (404, "text/html")
        assert "Check the link" in await response.text()


async def test_a_person_reads_a_refusal_as_a_page_and_a_program_as_a_problem(
    server: RunningServer, script: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def asked(path: str, token: str | None, accept: str = "text/html,*/*;q=0.8") -> tuple[int, str, str, str]:
        reply = await server.call("GET", path, token, accept=accept)
        headers = reply.headers
        return reply.status, headers["content-type"], reply.raw.decode(), headers.get("retry-after", "")

    html = "text/html; charset=utf-8"
    for path, token, status, says in (
        ("/tests", None, 401, "You are not signed in"),
        ("/tests", server.token(), 403, "for another role"),
        ("/tests/nothing", server.service, 404, "There is nothing at this address"),
        ("/rosters", server.service, 405, "does not offer that method"),
    ):
        found = await asked(path, token)
        assert (found[0], found[1]) == (status, html), path
        assert says in found[2], path
        assert "<h1>" in found[2], path
        assert (await asked(path, token, "*/*"))[:2] == (status, "application/problem+json")
    strict = (await server.call("GET", "/tests", accept="text/html")).headers
    assert strict["cache-control"] == "no-store"
    assert strict["www-authenticate"] == "Bearer"
    assert "default-src 'none'" in strict["content-security-policy"]
    script_in_id = await asked("/tests?%3Cscript%3E=1", server.service)
    assert script_in_id[1] == html
    assert "<script>" not in script_in_id[2]

    def paced(*given: object) -> None:
        raise Paced(5_000)

    monkeypatch.setattr(server.node.budgets, "check", paced)
    status, kind, text, after_s = await asked("/tests", server.service)
    assert (status, kind, after_s) == (429, html, "5")
    assert "Too many" in text


async def test_what_is_not_there_is_a_problem(server: RunningServer) -> None:
    async with aiohttp.ClientSession() as http, http.get(f"{server.settings.url}/assets/nothing.js") as response:
        assert response.status == 404
        assert response.content_type == "application/problem+json"
