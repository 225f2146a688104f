"""Who may ask for what, and who sees that an attempt exists."""

from typing import get_args

import pytest
from msgspec.structs import replace

from clients.vectors import EXAMPLES
from protocol import limits
from protocol.attempt.commands import (
    AnyCommand,
    Assess,
    Begin,
    Connect,
    DecideLate,
    Disconnect,
    Grant,
    HandIn,
    HandLate,
    MarkByHand,
    Operate,
    Regrade,
    Steer,
    Wake,
)
from protocol.attempt.kinds import ASKED
from protocol.attempt.model import Accommodation, Actor, Role
from protocol.attempt.rights import link_ends_at_ms, may_command, may_see, outlives
from protocol.messages.operations import Submit
from protocol.messages.staff import PauseAttempt, StaffCommand
from protocol.rules.rights import STAFF, may
from tests.protocol.attempt.scene import CANDIDATE, IDENTITY, INSTRUCTOR, SERVICE, SYSTEM, Scene

BY = Actor(Role.SYSTEM, "")
COMMANDS: list[tuple[AnyCommand, set[Role]]] = [
    (Begin(BY, 0), {Role.CANDIDATE, Role.SERVICE}),
    (Operate(BY, None, Submit(1, 0)), {Role.CANDIDATE, Role.SERVICE}),
    (HandIn(BY, 0), {Role.CANDIDATE, Role.SERVICE}),
    (Connect(BY, "c", "x", "d", 1, True), {Role.CANDIDATE}),
    (Disconnect(BY, "c", 0), {Role.CANDIDATE, Role.SYSTEM}),
    (Steer(BY, PauseAttempt("c", "a", "")), set(STAFF) - {Role.MARKER}),
    (MarkByHand(BY, "c", "q", 0, 0, ""), {Role.MARKER, Role.INSTRUCTOR, Role.ADMINISTRATOR, Role.SERVICE}),
    (Grant(BY, Accommodation(), ""), {Role.SYSTEM}),
    (Wake(BY), {Role.SYSTEM}),
    (Regrade(BY, "c", 2, "x"), {Role.INSTRUCTOR, Role.ADMINISTRATOR, Role.SERVICE}),
    (HandLate(BY, "d", (), 0), set(Role) - {Role.MARKER, Role.SYSTEM}),
    (DecideLate(BY, "c", "l", (), ""), {Role.INSTRUCTOR, Role.ADMINISTRATOR, Role.SERVICE}),
    (Assess(BY, "", 0, 0, 0), {Role.SYSTEM}),
]


def test_every_kind_of_command_is_in_the_table() -> None:
    assert {type(command) for command, _ in COMMANDS} == set(AnyCommand.__args__)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("kind", get_args(StaffCommand))
def test_who_may_give_which_command(kind: type[StaffCommand], role: Role) -> None:
    example = EXAMPLES[kind]
    assert isinstance(example, kind)
    act = ASKED[kind].act
    assert act is not None
    assert may_command(Steer(Actor(role, "x"), example)) is may(role, act)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize(("command", "roles"), COMMANDS, ids=[type(command).__name__ for command, _ in COMMANDS])
def test_who_may_ask(command: AnyCommand, roles: set[Role], role: Role) -> None:
    assert may_command(replace(command, by=Actor(role, "x"))) is (role in roles)


@pytest.mark.parametrize(
    ("org_id", "actor", "scope", "sees"),
    [
        ("org", CANDIDATE, None, True),
        ("org", CANDIDATE, "attempt-1", True),
        ("org", CANDIDATE, "attempt-2", False),
        ("org", Actor(Role.CANDIDATE, "eve"), None, False),
        ("org", Actor(Role.CANDIDATE, "eve"), "attempt-1", False),
        ("org", INSTRUCTOR, None, True),
        ("org", INSTRUCTOR, "attempt-2", False),
        ("org", SERVICE, None, True),
        ("other", CANDIDATE, None, False),
        ("other", CANDIDATE, "attempt-1", False),
        ("other", INSTRUCTOR, None, False),
        ("other", SERVICE, None, False),
        ("other", SYSTEM, None, False),
    ],
)
def test_who_sees_that_it_exists(org_id: str, actor: Actor, scope: str | None, sees: bool) -> None:
    assert may_see(org_id, actor, scope, IDENTITY) is sees


@pytest.mark.parametrize(("after_ms", "holds"), [(-1, False), (0, False), (1, True)])
def test_a_token_that_was_valid_at_the_start_outlives_its_end_while_she_sits(after_ms: int, holds: bool) -> None:
    scene = Scene().started()
    started_at_ms = scene.attempt.started_at_ms
    assert started_at_ms is not None
    assert outlives(scene.attempt, started_at_ms + after_ms) is holds
    assert not outlives(scene.submitted().attempt, started_at_ms + after_ms)


def test_a_link_ends_some_time_after_its_attempt() -> None:
    scene = Scene().started()
    assert link_ends_at_ms(scene.attempt) is None
    attempt = scene.submitted().attempt
    assert attempt.ended_at_ms is not None
    assert link_ends_at_ms(attempt) == attempt.ended_at_ms + limits.LINK_AFTER_END_MS
