"""What axe finds wrong with a page for people with assistive technology."""

from pathlib import Path
from typing import Any, Final

import pytest
from playwright.async_api import Page

_AXE: Final = Path(__file__).parents[2] / "clients" / "web" / "node_modules" / "axe-core" / "axe.min.js"


async def violations(page: Page) -> list[str]:
    """Each rule that is broken, with the elements that break it."""
    if not _AXE.is_file():
        pytest.skip("axe-core is not installed (`make install` does it)")
    if not await page.evaluate("() => 'axe' in window"):
        await page.evaluate(_AXE.read_text("utf-8"))
    # Of each rule that holds one element is enough: to write down the way to each of them takes half of the time.
    found: dict[str, list[dict[str, Any]]] = await page.evaluate(
        "() => axe.run(document, { resultTypes: ['violations'] })"
    )
    assert len(found["passes"]) > 10, "it has looked at nothing"
    return [f"{one['id']}: {node['html'][:200]}" for one in found["violations"] for node in one["nodes"]]
