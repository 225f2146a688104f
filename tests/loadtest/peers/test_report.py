"""Rounds that were measured at different times have one report."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from loadtest.bench.figure import Figure
from loadtest.bench.machine import Machine
from loadtest.bench.plan import Round
from loadtest.peers.report import Unlike, added, made, read, write

_MACHINE = Machine("Linux", "3.11", 2, 1024)


def test_medians_are_of_all_rounds(tmp_path: Path) -> None:
    first = made(10, 200.0, 4.0, _MACHINE, [Round([Figure.told("answers", one, "/s")], 0.5) for one in (1.0, 9.0)])
    second = made(10, 200.0, 4.0, _MACHINE, [Round([Figure.told("answers", 3.0, "/s")], 0.95)])
    path = tmp_path / "of" / "peers.json"
    write(added(first, second), path)
    told = read(path)
    assert [len(told.rounds), told.figures[0].value] == [3, 3.0]
    assert (told.generator_utilisation, told.void, first.void) == (0.95, True, False)


def test_rounds_that_were_not_run_alike_have_no_median() -> None:
    one = made(10, 200.0, 4.0, _MACHINE, [Round([Figure.told("answers", 1.0, "/s")], 0.5)])
    with pytest.raises(Unlike, match="another rate"):
        added(one, replace(one, rate=100.0))


def test_a_server_that_failed_in_a_round_has_the_median_of_the_others() -> None:
    rounds = [["ours", "theirs"], ["ours"], ["ours", "theirs"]]
    told = made(
        *(10, 200.0, 4.0, _MACHINE),
        [Round([Figure.told(name, float(place), "/s") for name in one], 0.5) for place, one in enumerate(rounds)],
    )
    assert [(one.name, one.value) for one in told.figures] == [("ours", 1.0), ("theirs", 1.0)]
