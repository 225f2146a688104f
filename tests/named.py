"""Tests by their ids, as pages name them."""

import importlib
import re
from typing import Any


def is_there(test: str) -> bool:
    """Whether there is a test with this id."""
    named = re.fullmatch(r"(tests/[\w/]+)\.py::(test_\w+)(?:\[(.+)\])?", test)
    if named is None:
        return False
    path, name, parameter = named.groups()
    try:
        module = importlib.import_module(path.replace("/", "."))
    except ModuleNotFoundError:
        return False
    function = getattr(module, name, None)
    return callable(function) and (parameter is None or parameter in _parameters(function))


def _parameters(function: Any) -> set[str]:
    """The names of its cases, where each has one."""
    given = [mark for mark in function.pytestmark if mark.name == "parametrize"]
    assert len(given) == 1
    return {getattr(value, "id", value) for value in given[0].args[1] if isinstance(getattr(value, "id", value), str)}
