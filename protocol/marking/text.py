"""When two texts are the same answer: what looks alike, or is typed one way or the other by chance, is made alike."""

import re
import unicodedata
from typing import Final

from protocol.content import AcceptedText, ShortText
from protocol.seen import visible

# ruff: noqa: RUF001 (characters that are easily taken for others are what this is about)

_SUPERSCRIPTS: Final = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱ"
_MARKS: Final = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛‹›′ʹʻʼˈ`´＇", "'"),
        **dict.fromkeys("“”„‟«»″＂", '"'),
        **dict.fromkeys("‐‑‒–—―−⁃﹘﹣－", "-"),
        **dict.fromkeys("⁄∕", "/"),
    }
)
_RAISED: Final = re.compile(f"[{_SUPERSCRIPTS}]+")
_FRACTION_AFTER: Final = re.compile("(?<=\\w)(?=[¼-¾⅐-⅞↉⅟])")
_POWERS: Final = str.maketrans(
    {
        code: "".join(chr(int(part, 16)) for part in parts[1:])
        for code in range(0x3300, 0x3400)
        if (parts := unicodedata.decomposition(chr(code)).split())
        and any(chr(int(part, 16)) in _SUPERSCRIPTS for part in parts[1:])
    }
)
"""Characters that are a unit with its power, such as the square metre."""
_TURKIC: Final = ("tr", "az")
_DOTS: Final = str.maketrans({"I": "ı", "İ": "i"})


def best_text(asked: ShortText, answer: str, language: str | None) -> int | None:
    """The points of the best of the accepted texts that the answer is; None: it is none of them."""
    best = fitting_text(asked, answer, language)
    return None if best is None else _worth(asked, best)


def fitting_text(asked: ShortText, answer: str, language: str | None) -> AcceptedText | None:
    """Of the accepted texts that the answer is, the first that is worth most; None: it is none of them."""
    folded = fold_text(answer, asked.case_sensitive, language)
    fitting = [
        accepted
        for accepted in map(accepted_text, asked.accepted)
        if _fits(folded, fold_text(accepted.text, asked.case_sensitive, language), accepted.pattern)
    ]
    return max(fitting, key=lambda accepted: _worth(asked, accepted), default=None)


def _worth(asked: ShortText, accepted: AcceptedText) -> int:
    return asked.points_mpt if accepted.points_mpt is None else accepted.points_mpt


def accepted_text(given: str | AcceptedText) -> AcceptedText:
    """A text alone is one without weight or pattern."""
    return AcceptedText(text=given) if isinstance(given, str) else given


def _fits(folded: str, accepted: str, is_pattern: bool) -> bool:
    if not is_pattern or "*" not in accepted:
        return folded == accepted
    first, *middle, last = accepted.split("*")
    if len(folded) < len(first) + len(last) or not folded.startswith(first) or not folded.endswith(last):
        return False
    # The leftmost place of each part leaves most room for the next: no other order has to be tried.
    at, end = len(first), len(folded) - len(last)
    for part in middle:
        at = folded.find(part, at, end)
        if at < 0:
            return False
        at += len(part)
    return True


def fold_text(text: str, case_sensitive: bool, language: str | None = None) -> str:
    """The form in which two texts are compared. Invisible characters go; white space, quotation marks, dashes and
    characters that Unicode calls compatible are made alike, and letter case too unless `case_sensitive`, in the way of
    the `language`. A superscript is a power: "10³" is "10^3", and not "103"."""
    folded = _alike(text)
    if not case_sensitive:
        if language is not None and language.split("-")[0].lower() in _TURKIC:
            folded = unicodedata.normalize("NFC", folded).translate(_DOTS)
        # Folding case can undo the normal form (as in U+0345), hence once more.
        folded = _alike(folded.casefold())
    return " ".join(folded.split())


def _alike(text: str) -> str:
    plain = visible(text).translate(_POWERS).translate(_MARKS)
    plain = _RAISED.sub(lambda found: f"^{found[0]}", plain)
    # "1½" would else become 11/2.
    plain = _FRACTION_AFTER.sub(" ", plain)
    return unicodedata.normalize("NFKC", plain).translate(_MARKS)
