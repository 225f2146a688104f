"""A browser for the benchmark of a page: Chromium, driven by Playwright, which are there where the tests can run."""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from loadtest.drill.process import StageError

if TYPE_CHECKING:
    from playwright.async_api import Browser

_NAMES: Final = ("chromium-headless-shell", "chrome-headless-shell", "chromium", "chromium-browser", "google-chrome")
_FLAGS: Final = (
    "--no-sandbox",  # root, and containers without user namespaces, can have none
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@asynccontextmanager
async def open_chromium() -> AsyncIterator["Browser"]:
    """A browser with nothing remembered; `CHROMIUM` in the environment names another one than the installed. Raises
    `StageError` where there is none."""
    try:
        from playwright.async_api import async_playwright
    except ImportError as error:
        raise StageError("Playwright is not installed; `make install` installs it") from error
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, _NAMES)), None)
    if path is None:
        raise StageError("Chromium is not installed; tests/system-packages.sh installs it")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, headless=True, args=_FLAGS)
        try:
            yield browser
        finally:
            await browser.close()
