"""Options that nobody can tell apart."""

import unicodedata
from collections.abc import Iterator

from protocol.content import TestContent
from protocol.lint.places import interactions, option_sets
from protocol.rest.lint import Finding


def equal_options(content: TestContent) -> Iterator[Finding]:
    """Two options of one set that look the same."""
    for place, asked in interactions(content):
        for what, options in option_sets(asked):
            known: dict[str, str] = {}
            for option in options:
                looks = " ".join(unicodedata.normalize("NFC", option.body).split())
                other = known.setdefault(looks, option.option_id)
                if other != option.option_id:
                    yield place.found("equal_options", f"Two {what} are equal: {other!r} and {option.option_id!r}.")
