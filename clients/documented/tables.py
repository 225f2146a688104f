"""Tables of types, and what a type is called in words."""

import inspect
import json
from collections.abc import Iterable
from typing import Final

import msgspec

from protocol import limits
from protocol.messages.base import PartValue, Value
from protocol.orders import Order


def table(heads: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """A table of Markdown."""
    lines = [f"| {' | '.join(str(cell) for cell in row)} |" for row in rows]
    heads = list(heads)
    return "\n".join([f"| {' | '.join(heads)} |", "|" + "---|" * len(heads), *lines]) + "\n"


def text(documented: object) -> str:
    """A docstring as running text."""
    return (inspect.getdoc(documented) or "").replace("\n", " ").replace("  ", "\n\n")


def shown(value: object) -> str:
    """JSON on one line where it is short."""
    line = json.dumps(value, ensure_ascii=False)
    return line if len(line) <= 120 else json.dumps(value, ensure_ascii=False, indent=2)


def hexadecimal(digits: str, width: int = 96) -> str:
    """Hexadecimal digits in lines."""
    return "\n".join(digits[start : start + width] for start in range(0, len(digits), width))


_VALUE: Final = msgspec.inspect.type_info(Value)
_PART: Final = msgspec.inspect.type_info(PartValue)


def words(info: msgspec.inspect.Type) -> str:
    """What a field may hold."""
    if info == _VALUE:
        return "answer value"
    if info == _PART:
        return "answer to one interaction"
    match info:
        case msgspec.inspect.Metadata(type=inner):
            return words(inner)
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
            return f"list of {words(item)}{_range(info.min_length or 0, info.max_length, 0)}"
        case msgspec.inspect.VarTupleType(item_type=item):
            return f"list of {words(item)}"
        case msgspec.inspect.EnumType(cls=kind):
            return " or ".join(f"`{member.value}`" for member in kind)
        case msgspec.inspect.DictType(key_type=key, value_type=value):
            return f"map from {words(key)} to {words(value)}"
        case msgspec.inspect.UnionType(types=kinds):
            tags = {kind.tag_field for kind in kinds if isinstance(kind, msgspec.inspect.StructType)}
            if len(tags) == 1 and None not in tags:
                first = kinds[0]
                if isinstance(first, msgspec.inspect.StructType) and issubclass(first.cls, Order):
                    return "order"
                return "interaction" if tags == {"type"} else "fact"
            return " or ".join(words(kind) for kind in kinds)
        case msgspec.inspect.StructType(cls=kind, tag=tag):
            return f"`{tag}`" if tag is not None else f"`{kind.__name__}`"
        case _:
            raise TypeError(f"no words for {info!r}")


def _range(least: int, most: int | None, usual: int) -> str:
    if most is not None:
        return f", {least:,}–{most:,}"
    return f", at least {least:,}" if least > usual else ""


def fields(kind: type[msgspec.Struct], *, defaults: bool = False) -> str:
    """The fields of a type; `defaults` says what an absent one means."""
    info = msgspec.inspect.type_info(kind)
    assert isinstance(info, msgspec.inspect.StructType)
    rows: list[tuple[str, ...]] = []
    if info.tag_field is not None:
        rows.append((f"`{info.tag_field}`", f"`{info.tag}`", *(["required"] if defaults else [])))
    for field in info.fields:
        if not field.required:
            default = field.default_factory() if field.default_factory is not msgspec.NODEFAULT else field.default
            shown = "required" if default is msgspec.NODEFAULT else f"`{json.dumps(msgspec.to_builtins(default))}`"
        else:
            shown = "required"
        rows.append((f"`{field.encode_name}`", words(field.type), *([shown] if defaults else [])))
    return table(("Field", "Type", *(["If absent"] if defaults else [])), rows)


def section(title: str, kind: type[msgspec.Struct], *, defaults: bool = False) -> str:
    """A type with its meaning and its fields."""
    return f"#### {title}\n\n{text(kind)}\n\n{fields(kind, defaults=defaults)}"
