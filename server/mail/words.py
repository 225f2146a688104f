"""The catalogues of what letters say: one file for each language of the pages.

Their messages are ICU messages without plurals: named places alone, which `str.format_map` fills.
"""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

Words = Mapping[str, str]

_FOLDER: Final = Path(__file__).parent / "words"
DEFAULT: Final = "en"
FROM_RIGHT: Final = frozenset({"ar"})
"""Languages that are written from right to left."""


@cache
def languages() -> frozenset[str]:
    """Those that there is a catalogue for."""
    return frozenset(file.stem for file in _FOLDER.glob("*.json"))


@cache
def words_in(language: str) -> Words:
    """The catalogue of one of `languages()`."""
    words: dict[str, str] = json.loads((_FOLDER / f"{language}.json").read_text("utf-8"))
    return words


def language_for(*tags: str | None) -> str:
    """The first of these languages (as BCP 47 names them) that there is a catalogue for."""
    for tag in tags:
        found = (tag or "").partition("-")[0].lower()
        if found in languages():
            return found
    return DEFAULT
