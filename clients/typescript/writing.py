"""How types of `protocol/` are written in TypeScript."""

import inspect
import json
from typing import Final

import msgspec.inspect

from protocol import paper
from protocol.messages.base import PartValue, Value

FOLDER: Final = "clients/web/src/generated"
VALUE: Final = msgspec.inspect.type_info(Value)
PART: Final = msgspec.inspect.type_info(PartValue)
INTERACTION: Final = msgspec.inspect.type_info(paper.PaperInteraction)
NAMED: Final = ((VALUE, "Value"), (PART, "PartValue"), (INTERACTION, "PaperInteraction"))
"""Unions that have a name of their own."""


def head(source: str) -> str:
    """The first line of a file."""
    return f"// Generated from {source} by `python -m clients.generate`. Do not edit.\n"


def comment(text: str, indent: str = "") -> str:
    """A docstring as a comment."""
    lines = inspect.cleandoc(text).splitlines()
    if len(lines) == 1:
        return f"{indent}/** {lines[0]} */\n"
    body = "".join(f"{indent} * {line}".rstrip() + "\n" for line in lines)
    return f"{indent}/**\n{body}{indent} */\n"


def name_of(struct: type) -> str:
    """What TypeScript calls it."""
    return struct.__name__.rstrip("_")


def type_of(info: msgspec.inspect.Type) -> str:
    """The TypeScript type of one field. Anything the wire has no use for is an error here, not a guess."""
    for named, name in NAMED:
        if info == named:
            return name
    match info:
        case msgspec.inspect.Metadata(type=inner):
            return type_of(inner)
        case msgspec.inspect.VarTupleType(item_type=item, min_length=2, max_length=2):
            return f"[{type_of(item)}, {type_of(item)}]"
        case msgspec.inspect.IntType():
            return "number"
        case msgspec.inspect.StrType():
            return "string"
        case msgspec.inspect.BoolType():
            return "boolean"
        case msgspec.inspect.NoneType():
            return "null"
        case msgspec.inspect.LiteralType(values=values):
            return " | ".join(json.dumps(value) for value in values)
        case msgspec.inspect.UnionType(types=types):
            return " | ".join(type_of(member) for member in types)
        case msgspec.inspect.ListType(item_type=item):
            member = type_of(item)
            return f"({member})[]" if " " in member else f"{member}[]"
        case msgspec.inspect.StructType(cls=struct):
            return name_of(struct)
        case msgspec.inspect.DictType(key_type=msgspec.inspect.StrType(), value_type=value) if value == PART:
            return f"Record<string, {type_of(value)}>"
        case msgspec.inspect.DictType(key_type=msgspec.inspect.StrType(), value_type=msgspec.inspect.AnyType()):
            return "Record<string, unknown>"
        case _:
            raise TypeError(f"no TypeScript type for {info!r}")


def info_of(struct: type[msgspec.Struct]) -> msgspec.inspect.StructType:
    """What msgspec knows of it."""
    info = msgspec.inspect.type_info(struct)
    assert isinstance(info, msgspec.inspect.StructType)
    return info


def interface(struct: type[msgspec.Struct]) -> str:
    """A struct as an interface."""
    info = info_of(struct)
    lines = [comment(struct.__doc__ or ""), f"export interface {name_of(struct)} {{\n"]
    if info.tag is not None:
        lines.append(f"  {info.tag_field}: {json.dumps(info.tag)};\n")
    for field in info.fields:
        optional = "" if field.required else "?"
        lines.append(f"  {field.encode_name}{optional}: {type_of(field.type)};\n")
    lines.append("}\n")
    return "".join(lines)


def export(name: str, kind: str, value: str) -> str:
    """`export type Name = A | B;`, broken into one member a line where it is long."""
    line = f"export {kind} {name} = {value};\n"
    if len(line) <= 110:
        return line
    members = "".join(f"\n  | {part}" for part in value.split(" | "))
    return f"export {kind} {name} ={members};\n"


def alternatives(union: msgspec.inspect.Type) -> str:
    """The members of a union, one after the other."""
    assert isinstance(union, msgspec.inspect.UnionType)
    return " | ".join(type_of(member) for member in union.types)
