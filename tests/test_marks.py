"""Every mark in the code is claimed by a test, and none is claimed that isn't there."""

import re
from collections import Counter
from pathlib import Path
from typing import Final

import pytest

from protocol.marks import mark, marks
from tests.marks import CLAIMS, DAYS

_ROOT: Final = Path(__file__).parents[1]
_BY_TRACES: Final = "queue: "


def in_the_code() -> Counter[str]:
    """The names of all marks, each as often as it is there."""
    folders = ("protocol", "storage", "server", "clients/python")
    files = (file for folder in folders for file in (_ROOT / folder).rglob("*.py"))
    return Counter(name for file in files for name in re.findall(r'\bmark\(\s*"([^"]+)"', file.read_text("utf-8")))


def test_every_mark_is_claimed_and_every_claimed_one_exists() -> None:
    found = in_the_code()
    assert {name for name in found if not name.startswith(_BY_TRACES)} == CLAIMS.keys()
    assert CLAIMS.keys() >= DAYS
    assert [name for name, times in found.items() if times > 1] == [], "a mark names one place"


@pytest.mark.parametrize("claimed", sorted(set(CLAIMS.values())))
def test_the_claiming_test_exists(claimed: str) -> None:
    file, _, name = claimed.partition("::")
    assert re.search(rf"^(async )?def {name}\(", (_ROOT / file).read_text("utf-8"), re.MULTILINE)


def test_marks_of_a_nested_look_count_outside_too() -> None:
    mark("nobody looks")
    with marks() as outer:
        mark("one")
        with marks() as inner:
            mark("two")
    assert (outer, inner) == ({"one", "two"}, {"two"})
