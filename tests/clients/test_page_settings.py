"""What staff can set a page to is what the page knows."""

import re
from pathlib import Path
from typing import Any, get_args

import msgspec

from protocol.rest.subscriptions import MailLanguage
from protocol.rules.page_settings import LANGUAGES, SIZES, THEMES

SOURCES = Path(__file__).parents[2] / "clients/web/src"


def _constant(path: str, name: str) -> Any:
    found = re.search(rf"const {name} = (\[[^\]]*\]) as const", (SOURCES / path).read_text())
    assert found is not None
    return msgspec.json.decode(found[1])


def test_the_page_knows_them() -> None:
    assert sorted(_constant("generated/words.ts", "LANGUAGES")) == list(LANGUAGES) == list(get_args(MailLanguage))
    assert sorted(_constant("core/settings.ts", "THEMES")) == sorted(["auto", *THEMES])
    assert _constant("core/settings.ts", "SIZES") == list(SIZES)
