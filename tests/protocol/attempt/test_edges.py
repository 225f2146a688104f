"""The tables of edge cases in docs/rules.md are run as they stand there: each boundary at -1, 0 and +1 ms."""

from collections.abc import Callable
from typing import Any, Final, NamedTuple

import pytest
from msgspec.structs import replace

from protocol.attempt.commands import AnyCommand, Begin, HandIn, Steer
from protocol.attempt.facts import Warned, tag_of
from protocol.attempt.model import Actor, Role, Status
from protocol.codes import Code
from protocol.errors import Refusal
from protocol.rules.rights import Act, may
from tests.protocol.attempt.edges import NOTHING, ms, section_layout, span, table
from tests.protocol.attempt.scene import CANDIDATE, MINUTE, T0, Scene, scene_in


class Case(NamedTuple):
    """One row: how an attempt is sat, and when what closes. Instants count from the start."""

    row: dict[str, str]

    def scene(self) -> Scene:
        row = self.row
        given: dict[str, Any] = {
            "duration_ms": None if row["duration"] == "none" else ms(row["duration"]),
            "window_closes_at_ms": None if row["window closes"] == NOTHING else T0 + ms(row["window closes"]),
            "grace_ms": ms(row["grace"]),
            "at_end": row["at end"],
            "hand_in_ms": 5 * MINUTE if row["at end"] == "hand_in" else 0,
            "layout": section_layout(row["section"]),
        }
        scene = Scene(ms(row["extra time"]), **given).started()
        if row["paused"] != NOTHING:
            began, ended = span(row["paused"])
            scene.at(began).facts(scene.pause())
            scene.at(ended).facts(scene.resume())
        return scene


CASES: Final = [Case(row) for row in table("time")]


def _accepted(scene: Scene, at: int, command: Callable[[], AnyCommand]) -> bool:
    return not isinstance(scene.at(at).offer(command()), Refusal)


@pytest.mark.parametrize("off_ms", [-1, 0, 1])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.row["case"])
def test_answers_are_accepted_until_then(case: Case, off_ms: int) -> None:
    scene = case.scene()
    assert _accepted(scene, ms(case.row["last answer"]) + off_ms, lambda: scene.answer(1)) is (off_ms < 0)


@pytest.mark.parametrize("off_ms", [-1, 0, 1])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.row["case"])
def test_handing_in_is_accepted_until_then(case: Case, off_ms: int) -> None:
    scene = case.scene()
    assert _accepted(scene, ms(case.row["last hand-in"]) + off_ms, lambda: HandIn(CANDIDATE, 0)) is (off_ms < 0)


@pytest.mark.parametrize("off_ms", [-1, 0, 1])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.row["case"])
def test_it_ends_then_and_so(case: Case, off_ms: int) -> None:
    scene, row = case.scene(), case.row
    ends = [
        (tag_of(fact), getattr(fact, "at_ms", 0) - T0)
        for fact in scene.wake_at(ms(row["last hand-in"]) + off_ms)
        if not isinstance(fact, Warned)
    ]
    end = (row["ends as"], ms(row["last hand-in"]) - ms(row["grace"]))
    assert (end in ends) is (off_ms >= 0), ends
    assert (scene.attempt.ended_as is not None) is (off_ms >= 0)


COMMANDS: Final[dict[str, Callable[[Scene], AnyCommand]]] = {
    "start": lambda scene: Begin(CANDIDATE, 0),
    "hand in": lambda scene: HandIn(CANDIDATE, 0),
    "pause": Scene.pause,
    "resume": Scene.resume,
    "extend": Scene.extend,
    "end": Scene.end,
    "cancel": Scene.cancel,
    "reinstate": Scene.reinstate,
    "reopen": Scene.reopen,
    "accept": Scene.accept,
}
TRANSITIONS: Final = [(row["asked for"], Status(name), row[name]) for row in table("transitions") for name in Status]


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.SYSTEM])
@pytest.mark.parametrize(("asked", "status", "cell"), TRANSITIONS)
def test_each_role_is_answered_so(asked: str, status: Status, cell: str, role: Role) -> None:
    scene = scene_in(status)
    command = replace(COMMANDS[asked](scene), by=Actor(role, "somebody"))
    act = Act(asked) if isinstance(command, Steer) else Act.SIT
    decision = scene.offer(command)
    if not may(role, act):
        assert isinstance(decision, Refusal)
        assert decision.code is Code.FORBIDDEN
    elif isinstance(decision, Refusal):
        assert f"`{decision.code.value}`" == cell
    else:
        assert scene.attempt.status.value == cell


def test_the_tables_are_whole() -> None:
    assert {asked for asked, _, _ in TRANSITIONS} == set(COMMANDS)
    assert len(TRANSITIONS) == len(COMMANDS) * len(Status)
    assert {case.row["at end"] for case in CASES} == {"submit", "hand_in", "abandon"}
    for column in ("extra time", "window closes", "paused", "section"):
        assert len({case.row[column] for case in CASES}) > 1, column
