"""Tests by their ids, as pages name them."""

import ast
import importlib
import re
from functools import cache
from pathlib import Path
from typing import Any, Final

_ROOT: Final = Path(__file__).parent.parent


@cache
def functions(path: str) -> frozenset[str]:
    """The functions of a file, given from the project's root, methods of classes too; none where there is no file."""
    file = _ROOT / path
    tree = ast.parse(file.read_text("utf-8") if file.is_file() else "")
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def is_there(test: str) -> bool:
    """Whether there is a test with this id."""
    named = re.fullmatch(r"(tests/[\w/]+\.py)::(test_\w+)(?:\[(.+)\])?", test)
    if named is None:
        return False
    path, name, parameter = named.groups()
    return name in functions(path) and (parameter is None or parameter in _parameters(path, name))


def _parameters(path: str, name: str) -> set[str]:
    """The names of its cases, where each has one."""
    function: Any = getattr(importlib.import_module(path.removesuffix(".py").replace("/", ".")), name)
    given = [mark for mark in function.pytestmark if mark.name == "parametrize"]
    assert len(given) == 1
    return {getattr(value, "id", value) for value in given[0].args[1] if isinstance(getattr(value, "id", value), str)}
