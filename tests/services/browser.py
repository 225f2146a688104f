"""Debian's Chromium, driven by Playwright (whose own browsers are not downloaded)."""

import os
import shutil
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final

from playwright.async_api import Browser, BrowserContext, Error, async_playwright

from tests.services.server import MissingBinary

FLAGS = [
    "--no-sandbox",  # root, and containers without user namespaces, can have none
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # A camera of its own, which shows a clock, and is given to whoever asks.
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
]
"""For every way in which the tests start it."""
_NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "chrome")
_SHELLS: Final = ("chromium-headless-shell", "chrome-headless-shell")


def chromium_path() -> Path:
    """The browser that people use; `CHROMIUM` in the environment names another one."""
    return _first_of(_NAMES)


def headless_path() -> Path:
    """The same browser without its own windows, menus and tabs, where it is installed. What it shows of a page is the
    same, and each page takes half of the processor time: the other one draws its menus too, though nobody sees them."""
    return _first_of((*_SHELLS, *_NAMES))


def _first_of(names: Sequence[str]) -> Path:
    if chosen := os.environ.get("CHROMIUM"):
        return Path(chosen)
    for name in names:
        if found := shutil.which(name):
            return Path(found)
    raise MissingBinary("Chromium is not installed; tests/system-packages.sh installs what the tests need")


@asynccontextmanager
async def open_chromium() -> AsyncIterator[Browser]:
    """A browser with nothing remembered. Each `new_context()` is a person of their own."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=headless_path(), headless=True, args=FLAGS)
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def open_profile(folder: Path) -> AsyncIterator[BrowserContext]:
    """A browser that remembers in `folder`: closed, or crashed, and opened again, it is the same person's."""
    async with async_playwright() as playwright:
        context = await playwright.chromium.launch_persistent_context(
            folder, executable_path=headless_path(), headless=True, args=FLAGS
        )
        try:
            yield context
        finally:
            # One that was killed can't be closed any more.
            with suppress(Error):
                await context.close()
