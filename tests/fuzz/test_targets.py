"""Every target in plain Python, so that none rots: the seeds, what was found once, and some hundreds of mutants."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.mutate import mutants
from tests.fuzz.targets import FOUND, TARGETS, corpus


@pytest.mark.parametrize("name", TARGETS)
def test_the_corpus(name: str) -> None:
    for data in corpus(name):
        TARGETS[name].check(data)


@pytest.mark.parametrize("name", TARGETS)
def test_mutants(name: str) -> None:
    check = TARGETS[name].check

    @settings(max_examples=150)
    @given(mutants(corpus(name)))
    def search(data: bytes) -> None:
        check(data)

    search()


@pytest.mark.parametrize("name", TARGETS)
@given(data=st.binary(max_size=300))
def test_any_bytes(name: str, data: bytes) -> None:
    TARGETS[name].check(data)


def test_nothing_was_found_with_a_target_that_is_gone() -> None:
    assert {folder.name for folder in FOUND.glob("*")} <= set(TARGETS)
