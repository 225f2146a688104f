"""How many words a text has, counted alike here and on the page."""

import re
from typing import Final
from unicodedata import category

from protocol.seen import WHITE_SPACE

IDEOGRAPHS: Final = (
    "\u2e80-\u2fd5\u3005\u3007\u3021-\u3029\u3038-\u303b\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fd-\u30ff"
    "\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufad9\uff66-\uff6f\uff71-\uff9d\U0001b000-\U0001b122"
    "\U00020000-\U0003134a"
)
"""What a regular expression has between brackets for signs that are words of their own, or parts of words that nothing
separates (Han, Hiragana and Katakana). As ranges: what an engine knows of scripts changes with its Unicode version."""
_IDEOGRAPH: Final = re.compile(f"[{IDEOGRAPHS}]")
_SPACES: Final = re.compile(f"[{WHITE_SPACE}]+")


def count_words(text: str) -> int:
    """What stands between white space and has a letter or a digit; each ideograph counts as one."""
    return sum(map(_says, _SPACES.split(_IDEOGRAPH.sub(" x ", text))))


def _says(word: str) -> bool:
    return any(category(character)[0] in "LN" for character in word)
