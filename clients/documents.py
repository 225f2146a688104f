"""What is generated into documents: each region between `<!-- generated: NAME -->` and `<!-- end -->`.

The rest of a document is written by hand. A region whose name is not known here is an error.
"""

import inspect
import json
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Final, get_args

import msgspec

from clients.vectors import DIRECTIONS, valid
from protocol import codes, content, limits, messages, rest
from protocol.attempt.transitions import EDGES
from protocol.codec import tag_of

DOCUMENTS: Final = ("ARCHITECTURE.md", "protocol/PROTOCOL.md")
_REGION: Final = re.compile(r"(?<=<!-- generated: )([a-z_ ]+) -->\n.*?(?=<!-- end -->)", re.DOTALL)


def documents(root: Path) -> dict[str, str]:
    """Path → text of every document, with its regions as they must be now."""
    texts = {path: (root / path).read_text("utf-8") for path in DOCUMENTS if (root / path).is_file()}
    return {path: _REGION.sub(_fill, text) for path, text in texts.items()}


def _fill(region: re.Match[str]) -> str:
    name = region[1]
    return f"{name} -->\n{REGIONS[name]().strip()}\n"


# ── tables ──────────────────────────────────────────────────────────────────────────────────────────────────


def _table(heads: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    lines = [f"| {' | '.join(str(cell) for cell in row)} |" for row in rows]
    heads = list(heads)
    return "\n".join([f"| {' | '.join(heads)} |", "|" + "---|" * len(heads), *lines]) + "\n"


def _text(documented: object) -> str:
    """A docstring as running text."""
    return (inspect.getdoc(documented) or "").replace("\n", " ").replace("  ", "\n\n")


def states() -> str:
    """The table of transitions as a diagram."""
    arrows = [f"    {origin} --> {target}: {tag}" for (origin, target), tag in EDGES.items()]
    return "\n".join(["```mermaid", "stateDiagram-v2", "    [*] --> initiated: created", *arrows, "```"])


def refusals() -> str:
    """Every refusal: what to do, and what it means."""
    rows = [(f"`{code}`", rule.http, rule.retry, rule.sentence) for code, rule in codes.REFUSALS.items()]
    return _table(("Code", "HTTP", "Retry", "Meaning"), rows)


def closes() -> str:
    """Every close code, and whether to come back."""
    rows = [(int(close), codes.reconnect_rule(close), sentence) for close, sentence in codes.CLOSES.items()]
    return _table(("Code", "Come back", "Meaning"), rows)


def limits_() -> str:
    """Every limit with its reason, which stands below it in the source."""
    found = re.findall(r'^([A-Z_]+): Final = [^\n]*\n"""(.+?)"""', inspect.getsource(limits), re.MULTILINE | re.DOTALL)
    rows = [(f"`{name}`", f"{getattr(limits, name):,}", reason.replace("\n", " ")) for name, reason in found]
    return _table(("Limit", "Value", "Why"), rows)


# ── types ───────────────────────────────────────────────────────────────────────────────────────────────────

_VALUE: Final = msgspec.inspect.type_info(messages.Value)


def _words(info: msgspec.inspect.Type) -> str:
    """What a field may hold."""
    if info == _VALUE:
        return "answer value"
    match info:
        case msgspec.inspect.Metadata(type=inner):
            return _words(inner)
        case msgspec.inspect.IntType():
            return f"integer{_range(info.ge or 0, None if info.le == limits.MAX_INT else info.le, 0)}"
        case msgspec.inspect.StrType():
            return f"text{_range(info.min_length or 0, info.max_length, 0)}"
        case msgspec.inspect.BoolType():
            return "true or false"
        case msgspec.inspect.NoneType():
            return "nil"
        case msgspec.inspect.AnyType():
            return "anything"
        case msgspec.inspect.LiteralType(values=values):
            return " or ".join(f"`{value}`" for value in values)
        case msgspec.inspect.ListType(item_type=item):
            return f"list of {_words(item)}{_range(info.min_length or 0, info.max_length, 0)}"
        case msgspec.inspect.DictType(key_type=key, value_type=value):
            return f"map from {_words(key)} to {_words(value)}"
        case msgspec.inspect.UnionType(types=kinds):
            if all(isinstance(kind, msgspec.inspect.StructType) for kind in kinds):
                return "question"
            return " or ".join(_words(kind) for kind in kinds)
        case msgspec.inspect.StructType(cls=kind, tag=tag):
            return f"`{tag}`" if tag is not None else f"`{kind.__name__}`"
        case _:
            raise TypeError(f"no words for {info!r}")


def _range(least: int, most: int | None, usual: int) -> str:
    if most is not None:
        return f", {least:,}–{most:,}"
    return f", at least {least:,}" if least > usual else ""


def _fields(kind: type[msgspec.Struct], *, defaults: bool = False) -> str:
    info = msgspec.inspect.type_info(kind)
    assert isinstance(info, msgspec.inspect.StructType)
    rows: list[tuple[str, ...]] = []
    for field in info.fields:
        if not field.required:
            default = field.default_factory() if field.default_factory is not msgspec.NODEFAULT else field.default
            shown = "required" if default is msgspec.NODEFAULT else f"`{json.dumps(msgspec.to_builtins(default))}`"
        else:
            shown = "required"
        rows.append((f"`{field.encode_name}`", _words(field.type), *([shown] if defaults else [])))
    return _table(("Field", "Type", *(["If absent"] if defaults else [])), rows)


def _section(title: str, kind: type[msgspec.Struct], *, defaults: bool = False) -> str:
    return f"#### {title}\n\n{_text(kind)}\n\n{_fields(kind, defaults=defaults)}"


# ── messages ────────────────────────────────────────────────────────────────────────────────────────────────


def _messages(direction: str) -> Callable[[], str]:
    def region() -> str:
        examples = {vector["name"]: vector for vector in valid() if vector["direction"] == direction}
        return "\n".join(_message(kind, examples) for kind in get_args(DIRECTIONS[direction]))

    return region


def _message(kind: type[messages.Message], examples: dict[str, dict[str, Any]]) -> str:
    example = examples[f"{tag_of(kind)}, example"]
    hexadecimal = "\n".join(_lines(example["hex"], 96))
    shown = json.dumps(example["message"], ensure_ascii=False)
    if len(shown) > 120:
        shown = json.dumps(example["message"], ensure_ascii=False, indent=2)
    return f"{_section(f'`{tag_of(kind)}`', kind)}\n```json\n{shown}\n```\n\n```\n{hexadecimal}\n```\n"


def _lines(text: str, width: int) -> Iterator[str]:
    for start in range(0, len(text), width):
        yield text[start : start + width]


def structures() -> str:
    """What messages hold."""
    kinds = (messages.AttemptState, messages.SavedAnswer, messages.Row)
    return "\n".join(_section(f"`{kind.__name__}`", kind) for kind in kinds)


def bodies() -> str:
    """Every REST body."""
    kinds = [kind for kind in vars(rest).values() if isinstance(kind, type) and issubclass(kind, rest.Body)]
    return "\n".join(_section(f"`{kind.__name__}`", kind, defaults=True) for kind in kinds if kind is not rest.Body)


def test_bodies() -> str:
    """A test, its questions and its paper."""
    parts = [_section(f"`{kind.__name__}`", kind, defaults=True) for kind in (content.TestContent, content.Rules)]
    for kind in (*get_args(content.Question), content.Option, content.Paper, content.PaperQuestion):
        tag = kind.__struct_config__.tag
        parts.append(_section(f"Question of type `{tag}`" if tag else f"`{kind.__name__}`", kind, defaults=True))
    return "\n".join(parts)


REGIONS: Final[dict[str, Callable[[], str]]] = {
    "states": states,
    "refusals": refusals,
    "closes": closes,
    "limits": limits_,
    **{f"messages {direction}": _messages(direction) for direction in DIRECTIONS},
    "structures": structures,
    "bodies": bodies,
    "test": test_bodies,
}
