"""Nothing is written that a node of the fleet could not read."""

import dataclasses
from typing import Annotated, Any, cast

import pytest

from protocol.attempt import decide as core
from protocol.attempt.commands import Wake
from protocol.attempt.facts import Messaged, Moved
from protocol.attempt.kinds import KIND_OF
from protocol.codes import Code
from protocol.errors import Refusal
from protocol.since import needs, since
from tests.protocol.attempt.scene import SYSTEM, Scene


@pytest.fixture
def of_tomorrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Messages from staff come with the next version of the fleet."""
    monkeypatch.setitem(cast(dict[Any, Any], KIND_OF), Messaged, dataclasses.replace(KIND_OF[Messaged], since=2))
    monkeypatch.setattr(core, "SPEAKS", 2)


def code(decision: Any) -> Code | None:
    return decision.code if isinstance(decision, Refusal) else None


@pytest.mark.usefixtures("of_tomorrow")
def test_a_newer_kind_is_refused_by_name_until_the_fleet_speaks_it() -> None:
    scene = Scene().connected().started()
    for fleet, told in ((1, Code.UPGRADE_UNDER_WAY), (2, None), (3, None)):
        assert code(core.decide(scene.attempt, scene.message(), scene.now_ms, scene.sheet, fleet)) is told


@pytest.mark.usefixtures("of_tomorrow")
def test_what_the_fleet_speaks_already_goes_on() -> None:
    scene = Scene().connected().started()
    for command in (scene.answer(1), scene.pause(), scene.connect("c2"), Wake(SYSTEM)):
        decision = core.decide(scene.attempt, command, scene.now_ms, scene.sheet, 1)
        assert code(decision) is not Code.UPGRADE_UNDER_WAY


def test_a_newer_field_counts_only_where_it_is_used() -> None:
    class Glanced(Moved, frozen=True, tag="glanced"):
        at: Annotated[int | None, since(2)] = None

    assert needs(Glanced(1, 2, 3)) == 1
    assert needs(Glanced(1, 2, 3, 4)) == 2
