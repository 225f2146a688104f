"""The YAML of an exam file: maps, lists and texts, and what is refused of the rest."""

from typing import Any

import yaml

from protocol.mistakes import mistake


class _Texts(yaml.BaseLoader):
    """Maps, lists and texts, nothing else. Aliases are refused because a small file could expand to an enormous one;
    duplicate keys, because one would hide the other."""

    def get_single_data(self) -> Any:
        try:
            return super().get_single_data()
        except (ValueError, OverflowError):
            # The library does not validate escapes and numbers before it converts them.
            problem = "this character or number does not exist"
            raise yaml.MarkedYAMLError(problem=problem, problem_mark=self.get_mark()) from None

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            where = self.get_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.MarkedYAMLError(problem="an alias (*name) is not allowed", problem_mark=where)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[object] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode) or key.value in seen:
                raise yaml.MarkedYAMLError(
                    problem="this field is given twice, or is no name", problem_mark=key.start_mark
                )
            seen.add(key.value)
        return super().construct_mapping(node, deep=deep)

    def construct_scalar(self, node: yaml.ScalarNode) -> Any:
        if not _is_writable(node.value):
            raise yaml.MarkedYAMLError(problem="half of a surrogate pair is no character", problem_mark=node.start_mark)
        return super().construct_scalar(node)


def _is_writable(text: str) -> bool:
    """Whether the text can be kept: an escape may name half of a pair, which UTF-8 has no bytes for."""
    return not any("\ud800" <= character <= "\udfff" for character in text)


def load(text: str) -> object:
    """Maps, lists and texts. Raises `Refused(invalid_test)`."""
    try:
        return _Texts(text).get_single_data()
    except yaml.MarkedYAMLError as error:
        line = f"line {error.problem_mark.line + 1}" if error.problem_mark is not None else "the file"
        raise mistake(line, str(error.problem)) from None
    except yaml.YAMLError as error:
        raise mistake("the file", str(error).splitlines()[0]) from None
    except RecursionError:
        raise mistake("the file", "it is nested too deeply") from None


def nodes(text: str) -> yaml.Node | None:
    """The file as nodes, which know their lines. Raises `YAMLError`."""
    return _Texts(text).get_single_node()
