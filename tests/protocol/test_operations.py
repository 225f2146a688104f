"""The table of operations is whole, and says nothing of an operation that the operation does not have."""

import inspect
from typing import get_args

import pytest

from protocol.messages.operations import Answer, Flag, Operation, Receipt
from protocol.operations import OPERATIONS, Handling, subject
from protocol.rest.operations import OPERATION_BODIES


def test_every_operation_has_a_row() -> None:
    assert set(OPERATIONS) == set(get_args(Operation))


@pytest.mark.parametrize(("operation", "handling"), OPERATIONS.items())
def test_a_row_names_fields_of_its_operation(operation: type[Operation], handling: Handling) -> None:
    assert set(handling.about) <= set(operation.__struct_fields__) - {"n", "client_at_ms"}
    assert inspect.getdoc(operation), "its first sentence is the summary of its call"


def test_each_has_an_address_of_its_own() -> None:
    paths = [handling.path for handling in OPERATIONS.values() if handling.path is not None]
    assert len(set(paths)) == len(paths) == len(OPERATION_BODIES)


def test_the_later_one_about_the_same_counts() -> None:
    assert subject(Answer(1, "q1", "a", None, 5)) == subject(Answer(2, "q1", "b", 3, 6)) == ("answer", "q1")
    assert subject(Answer(1, "q1", "a", None, 5)) != subject(Flag(1, "q1", True, 5))
    assert subject(Receipt(1, "m", False, 0)) != subject(Receipt(1, "m", True, 0))
