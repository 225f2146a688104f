"""Every staff command can be given over REST, with all that it says."""

from typing import get_args

from protocol.messages.staff import ResumeAttempt, StaffCommand
from server.api.staff import _CALLS


def test_every_staff_command_has_a_call() -> None:
    missing = {command.__name__ for command in get_args(StaffCommand)} - {command.__name__ for command in _CALLS}
    # The path of `resume` serves candidates who come back too.
    assert missing == {ResumeAttempt.__name__}


def test_a_body_has_the_fields_of_its_command() -> None:
    for command, call in _CALLS.items():
        assert {*call.body.__struct_fields__} == {*command.__struct_fields__} - {"attempt_id"}, call.name
