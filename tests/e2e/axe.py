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
    await page.evaluate(_AXE.read_text("utf-8"))
    found: dict[str, list[dict[str, Any]]] = await page.evaluate("() => axe.run(document)")
    assert len(found["passes"]) > 10, "it has looked at nothing"
    return [f"{one['id']}: {node['html'][:200]}" for one in found["violations"] for node in one["nodes"]]
