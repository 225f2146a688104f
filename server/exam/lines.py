"""Says at which line of an exam file a mistake is."""

import ast
import re
from collections.abc import Callable
from typing import Final

import yaml

from protocol.errors import Refused, refuse

_QUOTED: Final = r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\""
_WHERE: Final = re.compile(rf"(question|section|form|passage) (\d+|{_QUOTED})(?:, part ({_QUOTED}))?: (?:`(\w+)`)?")
_PART: Final = re.compile(r"(\w+): (?:`(\w+)`)?")


def with_line(refused: Refused, root: Callable[[], yaml.Node | None]) -> Refused:
    """The same mistake, with the line of the question, section or field that it names. `root` makes the nodes of the
    file; it may raise. What is named nowhere in the file stays as it is."""
    detail = refused.refusal.detail
    try:
        line = _line(root(), detail)
    except (ValueError, OverflowError, yaml.YAMLError, Refused, RecursionError):
        line = None
    return refused if line is None else Refused(refuse(refused.refusal.code, f"{detail} (line {line})"))


def _line(root: yaml.Node | None, detail: str) -> int | None:
    if not isinstance(root, yaml.MappingNode):
        return None
    if found := _WHERE.match(detail):
        kind, name, part, field = found.groups()
        node = _named(root, f"{kind}s", ast.literal_eval(name))
        if node is not None and part is not None:
            node = _field(_field(node, "parts") or node, ast.literal_eval(part)) or node
    elif found := _PART.match(detail):
        block, field = found.groups()
        node = root if block == "the" else _field(root, block)
    else:
        return None
    if node is None:
        return None
    key = _key(node, field) if field is not None else None
    return int((key or node).start_mark.line) + 1


def _named(root: yaml.MappingNode, part: str, name: int | str) -> yaml.Node | None:
    """The question, section or form of this id, or of this place in the list."""
    nodes = _field(root, part)
    if isinstance(nodes, yaml.MappingNode):
        return _key(nodes, str(name))
    if not isinstance(nodes, yaml.SequenceNode):
        return None
    if isinstance(name, int):
        return nodes.value[name - 1] if name <= len(nodes.value) else None
    return next((node for node in nodes.value if _is_named(node, name)), None)


def _is_named(node: yaml.Node, name: str) -> bool:
    found = _field(node, "id")
    return isinstance(found, yaml.ScalarNode) and found.value.strip() == name


def _field(node: yaml.Node, name: str) -> yaml.Node | None:
    pairs = node.value if isinstance(node, yaml.MappingNode) else []
    return next((value for key, value in pairs if key.value == name), None)


def _key(node: yaml.Node, name: str) -> yaml.Node | None:
    pairs = node.value if isinstance(node, yaml.MappingNode) else []
    return next((key for key, _ in pairs if key.value == name), None)
