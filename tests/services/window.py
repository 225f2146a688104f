"""Chromium in a window, as people have it: with timers throttled in the background, and pages kept for the way back.
Playwright switches both off, and pretends to every page that it is seen."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from playwright.async_api import BrowserContext, async_playwright

from tests.services.browser import FLAGS, chromium_path
from tests.services.patience import PATIENCE_S
from tests.services.server import find_binary


@asynccontextmanager
async def open_window(folder: Path, *flags: str) -> AsyncIterator[BrowserContext]:
    """A browser that remembers in `folder`, on a screen of its own. A tab that another one covers is hidden."""
    async with _screen() as display, _chromium(folder, display, flags) as address, async_playwright() as playwright:
        browser = await playwright.chromium.connect_over_cdp(address, no_defaults=True)
        try:
            yield browser.contexts[0]
        finally:
            await browser.close()


@asynccontextmanager
async def _screen() -> AsyncIterator[str]:
    """A virtual screen. Gives its name for X programs."""
    reading, writing = os.pipe()
    server = await asyncio.create_subprocess_exec(
        find_binary("Xvfb"),
        *("-displayfd", str(writing), "-screen", "0", "1280x960x24", "-nolisten", "tcp"),
        pass_fds=[writing],
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    os.close(writing)
    try:
        with os.fdopen(reading) as told:
            number = await asyncio.wait_for(asyncio.to_thread(told.readline), PATIENCE_S)
        assert number.strip(), "Xvfb has ended"
        yield f":{number.strip()}"
    finally:
        server.terminate()
        await server.wait()


@asynccontextmanager
async def _chromium(folder: Path, display: str, flags: tuple[str, ...]) -> AsyncIterator[str]:
    """The address of its developer tools."""
    port_file = folder / "DevToolsActivePort"
    browser = await asyncio.create_subprocess_exec(
        chromium_path(),
        *(f"--user-data-dir={folder}", "--remote-debugging-port=0", "--no-first-run", "--no-default-browser-check"),
        *FLAGS,
        *flags,
        "about:blank",
        env=os.environ | {"DISPLAY": display},
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        # What the tests find may be a script that starts the browser: they end together.
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(PATIENCE_S):
            while not (port_file.is_file() and (lines := port_file.read_text().splitlines())):
                assert browser.returncode is None, "Chromium has ended"
                await asyncio.sleep(0.05)
        yield f"http://127.0.0.1:{lines[0]}"
    finally:
        with suppress(ProcessLookupError):
            os.killpg(browser.pid, signal.SIGKILL)
        await browser.wait()
