"""The runs that the properties are held against reach every command and every kind of fact that there is."""

import contextlib
from typing import Final, get_args

from hypothesis import Phase, given, settings

from protocol.attempt.commands import AnyCommand, Operate, Steer
from protocol.attempt.kinds import ASKED, KIND_OF
from protocol.attempt.model import Status
from protocol.errors import Refusal
from tests.protocol.attempt.drawn import FITTING, Step, Terms, run, step_lists, term_sets

BY_HAND: Final = {"archived", "erased"}
"""Written by the database's work on logs and on persons, and asked for by no command."""
EVERY: Final = (
    {kind.tag for kind in KIND_OF.values()} - BY_HAND
    | {command.__name__ for command in get_args(AnyCommand)} - {"Operate", "Steer"}
    | {message.__name__ for message in ASKED}
)


class Found(Exception):
    """Nothing is missing any more."""


def name_of(command: AnyCommand) -> str:
    """The command's, or that of the operation or order in it."""
    if isinstance(command, Operate):
        return type(command.operation).__name__
    return type(command.order).__name__ if isinstance(command, Steer) else type(command).__name__


def test_every_command_is_accepted_and_every_kind_of_fact_is_recorded() -> None:
    missing = set(EVERY)

    # Hypothesis also draws constants from the modules that happen to be loaded, so how many runs it takes differs.
    @given(term_sets, step_lists)
    @settings(derandomize=True, database=None, deadline=None, max_examples=20_000, phases=[Phase.generate])
    def look(terms: Terms, steps: list[Step]) -> None:
        scene, taken = run(terms, steps, [0])
        missing.difference_update(KIND_OF[type(record.entry.fact)].tag for record in scene.records)
        missing.difference_update(
            name_of(one.command) for one in taken if one.decision and not isinstance(one.decision, Refusal)
        )
        if not missing:
            # The one way to stop before all runs are drawn.
            raise Found

    with contextlib.suppress(Found):
        look()
    assert not missing


def test_something_fits_in_every_status() -> None:
    assert set(FITTING) == set(Status)
