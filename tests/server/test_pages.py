"""What a browser loads, from a real server, with the headers that keep it strict."""

from pathlib import Path

import aiohttp
import pytest

from server.pages import DIST
from tests.server.harness.running import RunningServer


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


async def test_the_front_door_leads_to_the_candidates_page(server: RunningServer, script: Path) -> None:
    async with aiohttp.ClientSession() as http, http.get(f"{server.settings.url}/", allow_redirects=False) as response:
        assert (response.status, response.headers["location"]) == (307, "/sit")


async def test_what_is_not_there_is_a_problem(server: RunningServer) -> None:
    async with aiohttp.ClientSession() as http, http.get(f"{server.settings.url}/assets/nothing.js") as response:
        assert response.status == 404
        assert response.content_type == "application/problem+json"
