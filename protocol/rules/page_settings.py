"""Settings of a candidate's page that staff have made beforehand: which there are, and what several come to. Nobody who
needs large text has to look for it while the clock runs."""

from collections.abc import Iterable
from typing import Final

import msgspec

from protocol.override import SetPage

LANGUAGES: Final = ("ar", "de", "en", "es", "fr", "tr")
THEMES: Final = ("contrast", "cream", "dark", "light")
"""Where groups of one person ask for several, the first of these counts."""
SIZES: Final = (100, 115, 130, 150)
"""In percent of the browser's own size."""


AS_SHE_LIKES: Final = SetPage()


def unknown_in(settings: SetPage) -> str | None:
    """What pages can't be set to, as a sentence; None: all of it is known."""
    if settings == AS_SHE_LIKES:
        return "Settings of the page that say nothing: leave them out."
    if settings.language not in (None, *LANGUAGES):
        return f"Pages do not speak {settings.language!r}: they know {', '.join(LANGUAGES)}."
    if settings.theme not in (None, *THEMES):
        return f"No theme is called {settings.theme!r}: there are {', '.join(THEMES)}."
    if settings.size not in (None, *SIZES):
        return f"Text is {', '.join(map(str, SIZES))} percent large, and not {settings.size}."
    return None


def over(first: SetPage | None, then: SetPage | None) -> SetPage | None:
    """What two layers come to, field by field: the first beats the second."""
    if first is None or then is None:
        return first or then
    pairs = zip(msgspec.structs.astuple(first), msgspec.structs.astuple(then), strict=True)
    return SetPage(*(other if one is None else one for one, other in pairs))


def of_all(given: Iterable[SetPage | None]) -> SetPage | None:
    """What several groups set together: whatever one of them needs. Two languages are none."""
    said = [one for one in given if one is not None]
    if not said:
        return None
    languages = {one.language for one in said} - {None}
    themes = [theme for theme in THEMES if theme in {one.theme for one in said}]
    return SetPage(
        language=languages.pop() if len(languages) == 1 else None,
        theme=themes[0] if themes else None,
        size=max((one.size for one in said if one.size is not None), default=None),
        spaced=_any(one.spaced for one in said),
        still=_any(one.still for one in said),
        time_hidden=_any(one.time_hidden for one in said),
    )


def _any(values: Iterable[bool | None]) -> bool | None:
    said = [value for value in values if value is not None]
    return any(said) if said else None
