"""Debian's Chromium, driven by Playwright (whose own browsers are not downloaded)."""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from playwright.async_api import Browser, BrowserContext, Error, async_playwright

from tests.services.server import MissingBinary

FLAGS = [
    "--no-sandbox",  # root, and containers without user namespaces, can have none
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
"""For every way in which the tests start it."""
_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")


def chromium_path() -> Path:
    """The browser that the tests drive; `CHROMIUM` in the environment names another one."""
    if chosen := os.environ.get("CHROMIUM"):
        return Path(chosen)
    for name in _NAMES:
        if found := shutil.which(name):
            return Path(found)
    raise MissingBinary("Chromium is not installed; tests/system-packages.sh installs what the tests need")


@asynccontextmanager
async def open_chromium() -> AsyncIterator[Browser]:
    """A browser with nothing remembered. Each `new_context()` is a person of their own."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium_path(), headless=True, args=FLAGS)
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def open_profile(folder: Path) -> AsyncIterator[BrowserContext]:
    """A browser that remembers in `folder`: closed, or crashed, and opened again, it is the same person's."""
    async with async_playwright() as playwright:
        context = await playwright.chromium.launch_persistent_context(
            folder, executable_path=chromium_path(), headless=True, args=FLAGS
        )
        try:
            yield context
        finally:
            # One that was killed can't be closed any more.
            with suppress(Error):
                await context.close()
