"""The table of rights: it is whole, and it says what docs/rules.md shows."""

from itertools import pairwise, product
from typing import get_args

import pytest

from protocol.attempt.kinds import ASKED, KINDS
from protocol.attempt.model import Role
from protocol.messages.staff import StaffCommand
from protocol.rules.rights import MEANINGS, RIGHTS, STAFF, Act, may, may_give, roles_with

CANDIDATE, INVIGILATOR, CHIEF, MARKER = Role.CANDIDATE, Role.INVIGILATOR, Role.CHIEF_INVIGILATOR, Role.MARKER
INSTRUCTOR, ADMINISTRATOR, SERVICE = Role.INSTRUCTOR, Role.ADMINISTRATOR, Role.SERVICE

GIVES = {
    CHIEF: {INVIGILATOR, CHIEF},
    INSTRUCTOR: {INVIGILATOR, CHIEF, MARKER, INSTRUCTOR},
    ADMINISTRATOR: {INVIGILATOR, CHIEF, MARKER, INSTRUCTOR, ADMINISTRATOR},
    SERVICE: {CANDIDATE, INVIGILATOR, CHIEF, MARKER, INSTRUCTOR, ADMINISTRATOR, SERVICE},
}
"""Who gives which roles; nobody else gives any."""


def test_the_table_has_every_role_and_every_act() -> None:
    assert set(RIGHTS) == set(Role)
    assert set(MEANINGS) == set(Act)
    assert all(roles_with(act) for act in Act)
    assert not RIGHTS[Role.SYSTEM]
    assert set(STAFF) == {role for role in Role if Act.LIST_TESTS in RIGHTS[role]}


def test_each_role_of_a_line_may_do_all_that_the_one_before_it_may() -> None:
    for line in ((INVIGILATOR, CHIEF, INSTRUCTOR, ADMINISTRATOR, SERVICE), (MARKER, INSTRUCTOR)):
        for less, more in pairwise(line):
            assert RIGHTS[less] < RIGHTS[more]


def test_nobody_but_a_service_sits_for_others_and_nobody_connects_for_others() -> None:
    assert roles_with(Act.SIT) == {CANDIDATE, SERVICE}
    assert roles_with(Act.CONNECT) == {CANDIDATE}
    assert RIGHTS[CANDIDATE] == {Act.CONNECT, Act.SIT}


@pytest.mark.parametrize(("giver", "role"), [*product(Role, Role)])
def test_nobody_gives_more_than_she_has(giver: Role, role: Role) -> None:
    assert may_give(giver, role) is (role in GIVES.get(giver, set()))


def test_what_a_command_asks_for_has_the_commands_name() -> None:
    for command in get_args(StaffCommand):
        act = ASKED[command].act
        assert act == command.__struct_config__.tag
        assert act is not None
        assert not may(CANDIDATE, act)


def test_every_kind_of_fact_can_come_about() -> None:
    for kind in KINDS:
        assert kind.by == kind.besides | (roles_with(kind.act) if kind.act is not None else set())
        assert kind.by
        assert kind.asked is None or kind.act is not None
