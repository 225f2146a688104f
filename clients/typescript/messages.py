"""The messages of both sockets."""

import json
from collections.abc import Iterator
from types import UnionType
from typing import Final, get_args

from clients.output import Output
from clients.structs import structs_of
from clients.typescript import writing
from protocol import messages
from protocol.attempt.kinds import ASKED
from protocol.codec import tag_of
from protocol.messages.directions import FromCandidate, FromInstructor, ToCandidate, ToInstructor
from protocol.messages.operations import Operation
from protocol.messages.staff import StaffCommand

UNIONS: Final[dict[str, UnionType]] = {
    "Operation": Operation,
    "StaffCommand": StaffCommand,
    "FromCandidate": FromCandidate,
    "ToCandidate": ToCandidate,
    "FromInstructor": FromInstructor,
    "ToInstructor": ToInstructor,
}


def _fields_by_tag() -> tuple[dict[str, list[str]], dict[str, int]]:
    """Field names in the order of the wire, by tag; and where two messages share a tag, how many fields the shorter one
    has. Its fields are the first ones of the longer."""
    fields: dict[str, list[str]] = {}
    shorter: dict[str, int] = {}
    for struct in structs_of(messages):
        info = writing.info_of(struct)
        if info.tag is None:
            continue
        assert isinstance(info.tag, str)
        names = [field.encode_name for field in info.fields]
        known = fields.setdefault(info.tag, names)
        if known is not names:
            short, long = sorted((known, names), key=len)
            assert long[: len(short)] == short, f"two messages with the tag {info.tag!r} differ"
            fields[info.tag], shorter[info.tag] = long, len(short)
    return fields, shorter


def typescript_messages() -> Iterator[Output]:
    """An interface for each message, the unions, and the order of the fields on the wire."""
    parts = [writing.head("protocol/messages")]
    parts.append(
        writing.comment(
            "The answer to one interaction: an option id, a number as text, or text; a list of ids, or of pairs."
        )
        + f"export type PartValue = {writing.alternatives(writing.PART)};\n"
    )
    parts.append(
        writing.comment(
            "An answer: that of the only interaction, or a record of those of several by response id; null: none."
        )
        + f"export type Value = {writing.alternatives(writing.VALUE)};\n"
    )
    parts.extend(writing.interface(struct) for struct in structs_of(messages))
    for name, union in UNIONS.items():
        parts.append(writing.export(name, "type", " | ".join(writing.name_of(member) for member in get_args(union))))
    reasons = "".join(f"  {tag_of(kind)}: {json.dumps(ASKED[kind].reasoned)},\n" for kind in get_args(StaffCommand))
    parts.append(
        writing.comment("Whether staff must give a reason for this command.")
        + f'export const REASON_REQUIRED: Readonly<Record<StaffCommand["t"], boolean>> = {{\n{reasons}}};\n'
    )
    fields, shorter = _fields_by_tag()
    table = "".join(f"  {tag}: {json.dumps(names)},\n" for tag, names in fields.items())
    parts.append(
        writing.comment("The fields of each message in the order of the wire; the tag `t` goes before them.")
        + f"export const FIELDS = {{\n{table}}} as const;\n"
    )
    parts.append(
        writing.comment(
            "Two messages share these tags, one in each direction: the shorter one has so many of the fields."
        )
        + f"export const SHORTER: Readonly<Record<string, number>> = {json.dumps(shorter)};\n"
    )
    yield Output(f"{writing.FOLDER}/messages.ts", "\n".join(parts))
