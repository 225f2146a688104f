"""What a server says, as data that a page holds a reply against."""

import json
from collections.abc import Iterable, Iterator
from typing import get_args

import msgspec.inspect

from clients.output import Output
from clients.typescript import writing
from clients.typescript.told import FIRST, HERS, REPLIES
from protocol import paper
from protocol.messages.directions import ToCandidate, ToInstructor
from protocol.rest.problems import Problem


def _shape(struct: type[msgspec.Struct]) -> str:
    """One struct as data that a page can hold a reply against: each field with its type as TypeScript writes it."""
    info = writing.info_of(struct)
    fields = {} if info.tag is None else {info.tag_field: json.dumps(info.tag)}
    for field in info.fields:
        # What may be left out may be of a later version: a server of the one before does not say it.
        fields[field.encode_name] = writing.type_of(field.type) + ("" if field.required else " | undefined")
        assert "(" not in fields[field.encode_name], f"{struct.__name__}.{field.name} is too deep for a shape"
    members = ", ".join(f"{name}: {json.dumps(kind)}" for name, kind in fields.items())
    return f"  {writing.name_of(struct)}: {{ {members} }},\n"


def _reachable(structs: Iterable[type[msgspec.Struct]]) -> Iterator[type[msgspec.Struct]]:
    """The structs, and those inside them, each once."""
    seen: set[type[msgspec.Struct]] = set()
    waiting = list(structs)
    while waiting:
        struct = waiting.pop(0)
        if struct in seen:
            continue
        seen.add(struct)
        yield struct
        for field in writing.info_of(struct).fields:
            waiting += _inside(field.type)


def _inside(info: msgspec.inspect.Type) -> list[type[msgspec.Struct]]:
    match info:
        case msgspec.inspect.StructType(cls=struct):
            return [struct]
        case msgspec.inspect.Metadata(type=inner) | msgspec.inspect.ListType(item_type=inner):
            return _inside(inner)
        case msgspec.inspect.UnionType(types=types):
            return [struct for member in types for struct in _inside(member)]
        case _:
            return []


def typescript_shapes() -> Iterator[Output]:
    """What the server says, as data: a page tells by it a reply of the server from a stranger's (a portal, a proxy)."""
    told = list(_reachable([*get_args(ToCandidate), paper.Paper, Problem, *(one for one in REPLIES if one in HERS)]))
    to_staff = [one for one in _reachable([*get_args(ToInstructor), *REPLIES]) if one not in told]
    first = list(_reachable([Problem, *FIRST]))
    later = [one for one in told if one not in first]
    first_shapes, shapes, staff_shapes = ("".join(map(_shape, structs)) for structs in (first, later, to_staff))
    tags = {}
    for message in (*get_args(ToCandidate), *get_args(ToInstructor)):
        tags[writing.info_of(message).tag] = writing.name_of(message)
    names = "".join(f"  {tag}: {json.dumps(name)},\n" for tag, name in tags.items())
    kinds = "".join(
        f"  {writing.info_of(struct).tag}: {json.dumps(writing.name_of(struct))},\n"
        for struct in get_args(paper.PaperInteraction)
    )
    text = f"""{writing.head("protocol/messages and protocol/rest")}
/** The fields of what a server says before there is an attempt, each with its type as TypeScript writes it. */
export const FIRST_SHAPES = {{
{first_shapes}}} as const;
"""
    yield Output(f"{writing.FOLDER}/first-shapes.ts", text)
    text = f"""{writing.head("protocol/messages, protocol/rest and protocol/paper.py")}
/** The fields of what a server says to a candidate with an attempt. */
export const SHAPES = {{
{shapes}}} as const;

/** The shape of each interaction of a paper, by its type. */
export const INTERACTION_SHAPES = {{
{kinds}}} as const;

/** The shape of each message from a server, by its tag. */
export const MESSAGE_SHAPES = {{
{names}}} as const;
"""
    yield Output(f"{writing.FOLDER}/shapes.ts", text)
    text = f"""{writing.head("protocol/messages and protocol/rest")}
/** The fields of what a server says to staff alone. */
export const STAFF_SHAPES = {{
{staff_shapes}}} as const;
"""
    yield Output(f"{writing.FOLDER}/staff-shapes.ts", text)
