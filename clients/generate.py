"""Writes what is generated from `protocol/`: `python -m clients.generate`; `--check` only says what is stale.

A generator is a function that returns files as text; add it to `GENERATORS`. Generated files are committed, so
that a reader and a build need no Python, and CI checks with `--check` that they are fresh.
"""

import ast
import inspect
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from types import UnionType
from typing import Final, NamedTuple, get_args

import msgspec.inspect

from clients.bodies import bodies
from clients.documents import documents
from clients.structs import structs_of
from clients.vectors import vectors
from protocol import codes, content, limits, markup, messages, paper
from protocol.attempt.kinds import ASKED, KINDS
from protocol.codec import tag_of
from protocol.events import schemas
from protocol.messages.base import PartValue, Value
from protocol.messages.directions import FromCandidate, FromInstructor, ToCandidate, ToInstructor
from protocol.messages.operations import Operation
from protocol.messages.staff import StaffCommand
from protocol.operations import OPERATIONS, Handling
from protocol.orders import STRUCTS as BULK
from protocol.override import Override
from protocol.rest.admission import AdmissionReply
from protocol.rest.analytics import AttemptAnalytics, TestAnalytics
from protocol.rest.attempts import AttemptMade, OwnAttempts, StateReply
from protocol.rest.bulk import BulkList, BulkReply, BulkTargets, GrantAttemptReply, LeftOutList
from protocol.rest.connection import HeartbeatReply, ResumeReply
from protocol.rest.enrolments import EnrolmentList, EnrolmentReply
from protocol.rest.files import FileHandedIn, FileList
from protocol.rest.gradebook import RegradeProgress, RegradeReply, ReleaseReply, TestResults
from protocol.rest.groups import GroupList, GroupReply, MemberList, MemberReply, RoomGroups
from protocol.rest.imports import ImportReply
from protocol.rest.incidents import IncidentPage
from protocol.rest.late import AnswerFileKey, LateList, LateReply
from protocol.rest.lint import LintReply
from protocol.rest.logs import AuditPage, LogPage
from protocol.rest.marking import ClaimReply, MarkingQueue, UnclaimReply
from protocol.rest.operations import OperationsReply
from protocol.rest.overrides import OverrideList, OverrideReply
from protocol.rest.papers import PapersReply
from protocol.rest.preview import Preview, TestKey
from protocol.rest.problems import Problem
from protocol.rest.removed import Removed
from protocol.rest.results import EssayList, Result
from protocol.rest.rosters import RosterReply
from protocol.rest.schedules import ScheduleWarnings
from protocol.rest.statistics import TestStatistics
from protocol.rest.tests import TestList
from protocol.rest.tokens import TokenReply
from protocol.rules.audit import ENTRIES

ROOT: Final = Path(__file__).resolve().parent.parent
TYPESCRIPT: Final = "clients/web/src/generated"


class Output(NamedTuple):
    """One generated file: its path from the root of the project, and all of its text."""

    path: str
    text: str


# ── TypeScript ──────────────────────────────────────────────────────────────────────────────────────────────

VALUE: Final = msgspec.inspect.type_info(Value)
PART: Final = msgspec.inspect.type_info(PartValue)
INTERACTION: Final = msgspec.inspect.type_info(paper.PaperInteraction)
NAMED: Final = ((VALUE, "Value"), (PART, "PartValue"), (INTERACTION, "PaperInteraction"))
"""Unions that have a name of their own."""
UNIONS: Final[dict[str, UnionType]] = {
    "Operation": Operation,
    "StaffCommand": StaffCommand,
    "FromCandidate": FromCandidate,
    "ToCandidate": ToCandidate,
    "FromInstructor": FromInstructor,
    "ToInstructor": ToInstructor,
}
PAPER: Final[list[type[msgspec.Struct]]] = [
    content.Option,
    content.PairOption,
    content.Picture,
    content.Spot,
    content.PairSpot,
    *get_args(paper.PaperInteraction),
    paper.PaperQuestion,
    paper.PaperPassage,
    paper.PaperMedium,
    paper.PaperSection,
    paper.Paper,
]
"""What a candidate may see of a test; `content` has keys, and belongs in no page."""
REPLIES: Final[list[type[msgspec.Struct]]] = [
    AttemptMade,
    AdmissionReply,
    OwnAttempts,
    TestList,
    StateReply,
    HeartbeatReply,
    OperationsReply,
    ResumeReply,
    Result,
    EssayList,
    FileHandedIn,
    FileList,
    LateReply,
    AnswerFileKey,
    LateList,
    RoomGroups,
    PapersReply,
    ScheduleWarnings,
    Preview,
    TestKey,
    ImportReply,
    LintReply,
    BulkReply,
    BulkTargets,
    BulkList,
    LeftOutList,
    GrantAttemptReply,
    IncidentPage,
    TestStatistics,
    TestAnalytics,
    AttemptAnalytics,
    MarkingQueue,
    ClaimReply,
    UnclaimReply,
    RegradeReply,
    RegradeProgress,
    TestResults,
    ReleaseReply,
    RosterReply,
    Removed,
    GroupReply,
    GroupList,
    MemberReply,
    MemberList,
    EnrolmentReply,
    EnrolmentList,
    OverrideReply,
    OverrideList,
    AuditPage,
    LogPage,
    TokenReply,
]
"""What the pages get over REST, besides the paper and refusals."""


HERS: Final[frozenset[type[msgspec.Struct]]] = frozenset(
    {
        AttemptMade,
        AdmissionReply,
        OwnAttempts,
        StateReply,
        HeartbeatReply,
        OperationsReply,
        ResumeReply,
        Result,
        FileHandedIn,
        FileList,
        LateReply,
        AnswerFileKey,
    }
)
"""Those that a candidate's page gets: it loads the shapes of these alone."""


def _head(source: str) -> str:
    return f"// Generated from {source} by `python -m clients.generate`. Do not edit.\n"


def _comment(text: str, indent: str = "") -> str:
    lines = inspect.cleandoc(text).splitlines()
    if len(lines) == 1:
        return f"{indent}/** {lines[0]} */\n"
    body = "".join(f"{indent} * {line}".rstrip() + "\n" for line in lines)
    return f"{indent}/**\n{body}{indent} */\n"


def _name(struct: type) -> str:
    return struct.__name__.rstrip("_")


def _type(info: msgspec.inspect.Type) -> str:
    """The TypeScript type of one field. Anything the wire has no use for is an error here, not a guess."""
    for named, name in NAMED:
        if info == named:
            return name
    match info:
        case msgspec.inspect.Metadata(type=inner):
            return _type(inner)
        case msgspec.inspect.VarTupleType(item_type=item, min_length=2, max_length=2):
            return f"[{_type(item)}, {_type(item)}]"
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
            return " | ".join(_type(member) for member in types)
        case msgspec.inspect.ListType(item_type=item):
            member = _type(item)
            return f"({member})[]" if " " in member else f"{member}[]"
        case msgspec.inspect.StructType(cls=struct):
            return _name(struct)
        case msgspec.inspect.DictType(key_type=msgspec.inspect.StrType(), value_type=value) if value == PART:
            return f"Record<string, {_type(value)}>"
        case msgspec.inspect.DictType(key_type=msgspec.inspect.StrType(), value_type=msgspec.inspect.AnyType()):
            return "Record<string, unknown>"
        case _:
            raise TypeError(f"no TypeScript type for {info!r}")


def _info(struct: type[msgspec.Struct]) -> msgspec.inspect.StructType:
    info = msgspec.inspect.type_info(struct)
    assert isinstance(info, msgspec.inspect.StructType)
    return info


def _interface(struct: type[msgspec.Struct]) -> str:
    info = _info(struct)
    lines = [_comment(struct.__doc__ or ""), f"export interface {_name(struct)} {{\n"]
    if info.tag is not None:
        lines.append(f"  {info.tag_field}: {json.dumps(info.tag)};\n")
    for field in info.fields:
        optional = "" if field.required else "?"
        lines.append(f"  {field.encode_name}{optional}: {_type(field.type)};\n")
    lines.append("}\n")
    return "".join(lines)


def _export(name: str, kind: str, value: str) -> str:
    """`export type Name = A | B;`, broken into one member a line where it is long."""
    line = f"export {kind} {name} = {value};\n"
    if len(line) <= 110:
        return line
    members = "".join(f"\n  | {part}" for part in value.split(" | "))
    return f"export {kind} {name} ={members};\n"


def _fields_by_tag() -> tuple[dict[str, list[str]], dict[str, int]]:
    """Field names in the order of the wire, by tag; and where two messages share a tag, how many fields the shorter one
    has. Its fields are the first ones of the longer."""
    fields: dict[str, list[str]] = {}
    shorter: dict[str, int] = {}
    for struct in structs_of(messages):
        info = _info(struct)
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
    parts = [_head("protocol/messages")]
    parts.append(
        _comment("The answer to one interaction: an option id, a number as text, or text; a list of ids, or of pairs.")
        + f"export type PartValue = {' | '.join(_type(member) for member in _members(PART))};\n"
    )
    parts.append(
        _comment("An answer: that of the only interaction, or a record of those of several by response id; null: none.")
        + f"export type Value = {' | '.join(_type(member) for member in _members(VALUE))};\n"
    )
    parts.extend(_interface(struct) for struct in structs_of(messages))
    for name, union in UNIONS.items():
        parts.append(_export(name, "type", " | ".join(_name(member) for member in get_args(union))))
    reasons = "".join(f"  {tag_of(kind)}: {json.dumps(ASKED[kind].reasoned)},\n" for kind in get_args(StaffCommand))
    parts.append(
        _comment("Whether staff must give a reason for this command.")
        + f'export const REASON_REQUIRED: Readonly<Record<StaffCommand["t"], boolean>> = {{\n{reasons}}};\n'
    )
    fields, shorter = _fields_by_tag()
    table = "".join(f"  {tag}: {json.dumps(names)},\n" for tag, names in fields.items())
    parts.append(
        _comment("The fields of each message in the order of the wire; the tag `t` goes before them.")
        + f"export const FIELDS = {{\n{table}}} as const;\n"
    )
    parts.append(
        _comment("Two messages share these tags, one in each direction: the shorter one has so many of the fields.")
        + f"export const SHORTER: Readonly<Record<string, number>> = {json.dumps(shorter)};\n"
    )
    yield Output(f"{TYPESCRIPT}/messages.ts", "\n".join(parts))


def typescript_operations() -> Iterator[Output]:
    """The table of operations."""
    rows = "".join(
        f"  {tag_of(kind)}: {{ about: {json.dumps(handling.about)}, waits: {json.dumps(handling.waits)}, "
        f"kept: {json.dumps(handling.kept)}, aside: {json.dumps(handling.aside)}, told: {json.dumps(handling.told)}, "
        f"closes: {json.dumps(handling.closes)}, path: {json.dumps(handling.path)} }},\n"
        for kind, handling in OPERATIONS.items()
    )
    text = f"""{_head("protocol/operations.py")}
import type {{ Operation }} from "./messages";

{_comment(Handling.__doc__ or "")}export interface Handling {{
  about: readonly string[];
  waits: boolean;
  kept: boolean;
  aside: boolean;
  told: boolean;
  closes: boolean;
  path: string | null;
}}

{_comment("One row for each operation.")}export const OPERATIONS = {{
{rows}}} as const satisfies Record<Operation["t"], Handling>;
"""
    yield Output(f"{TYPESCRIPT}/operations.ts", text)


def _members(info: msgspec.inspect.Type) -> tuple[msgspec.inspect.Type, ...]:
    assert isinstance(info, msgspec.inspect.UnionType)
    return info.types


def _ranges() -> Iterator[tuple[int, int, str]]:
    """`codes.reconnect_rule` as ranges of close codes, so that it is not written a second time."""
    first = 0
    rule = codes.reconnect_rule(0)
    for code in range(1, 5_001):
        now = codes.reconnect_rule(code)
        if now is not rule or code == 5_000:
            if rule is not codes.Reconnect.BACKOFF:
                yield first, code - 1, rule.value
            first, rule = code, now


def typescript_codes() -> Iterator[Output]:
    """Both tables of names, and the rule for coming back after a close."""
    retries = " | ".join(json.dumps(retry.value) for retry in codes.Retry)
    reconnects = " | ".join(json.dumps(rule.value) for rule in codes.Reconnect)
    refusals = "".join(
        f"  {code.value}: {{ http: {rule.http}, retry: {json.dumps(rule.retry.value)}, "
        f"sentence: {json.dumps(rule.sentence, ensure_ascii=False)} }},\n"
        for code, rule in codes.REFUSALS.items()
    )
    names = "".join(f"  {close.name}: {close.value},\n" for close in codes.Close)
    closes = "".join(
        f"  {close.value}: {json.dumps(sentence, ensure_ascii=False)},\n" for close, sentence in codes.CLOSES.items()
    )
    ranges = "".join(f'  [{first}, {last}, "{rule}"],\n' for first, last, rule in _ranges())
    text = f"""{_head("protocol/codes.py")}
{_comment(codes.Retry.__doc__ or "")}export type Retry = {retries};

{_comment(codes.Rule.__doc__ or "")}export interface Rule {{
  http: number;
  retry: Retry;
  sentence: string;
}}

export const REFUSALS = {{
{refusals}}} as const satisfies Record<string, Rule>;

{_comment(codes.Code.__doc__ or "")}export type Code = keyof typeof REFUSALS;

{_comment(codes.Close.__doc__ or "")}export const CLOSE = {{
{names}}} as const;

/** What each close means, for people. */
export const CLOSES: Readonly<Record<number, string>> = {{
{closes}}};

{_comment(codes.Reconnect.__doc__ or "")}export type Reconnect = {reconnects};

const RECONNECT: readonly (readonly [number, number, Reconnect])[] = [
{ranges}];

{_comment(codes.reconnect_rule.__doc__ or "")}export function reconnectRule(closeCode: number): Reconnect {{
  const range = RECONNECT.find(([first, last]) => first <= closeCode && closeCode <= last);
  return range?.[2] ?? "{codes.Reconnect.BACKOFF}";
}}
"""
    yield Output(f"{TYPESCRIPT}/codes.ts", text)


def typescript_limits() -> Iterator[Output]:
    """Every limit with its reason, which stands below it in the source."""
    parts = [_head("protocol/limits.py")]
    body = ast.parse(inspect.getsource(limits)).body
    for statement, following in pairwise(body):
        if not isinstance(statement, ast.AnnAssign) or not isinstance(statement.target, ast.Name):
            continue
        name = statement.target.id
        value = getattr(limits, name)
        assert isinstance(value, int)
        reason = ""
        if isinstance(following, ast.Expr) and isinstance(following.value, ast.Constant):
            reason = _comment(str(following.value.value))
        parts.append(f"{reason}export const {name} = {value};\n")
    yield Output(f"{TYPESCRIPT}/limits.ts", "\n".join(parts))


def typescript_rest() -> Iterator[Output]:
    """The REST bodies and the paper. A field that a caller may leave out is optional."""
    structs: list[type[msgspec.Struct]] = [*PAPER, Override, *BULK, *bodies()]
    own = {_name(struct) for struct in structs} | {"PaperInteraction"}
    used = {
        name
        for struct in structs
        for field in _info(struct).fields
        for name in _type(field.type).replace("[]", "").replace("(", "").replace(")", "").split(" | ")
    }
    imported = sorted(name for name in used - own if name[:1].isupper() and "<" not in name)
    head = _head("protocol/rest and protocol/paper.py")
    parts = [f'{head}\nimport type {{ {", ".join(imported)} }} from "./messages";\n']
    parts.extend(_interface(struct) for struct in structs)
    shown = " | ".join(_name(struct) for struct in get_args(paper.PaperInteraction))
    parts.append(_export("PaperInteraction", "type", shown))
    yield Output(f"{TYPESCRIPT}/rest.ts", "\n".join(parts))


def _shape(struct: type[msgspec.Struct]) -> str:
    """One struct as data that a page can hold a reply against: each field with its type as TypeScript writes it."""
    info = _info(struct)
    fields = {} if info.tag is None else {info.tag_field: json.dumps(info.tag)}
    for field in info.fields:
        # What may be left out may be of a later version: a server of the one before does not say it.
        fields[field.encode_name] = _type(field.type) + ("" if field.required else " | undefined")
        assert "(" not in fields[field.encode_name], f"{struct.__name__}.{field.name} is too deep for a shape"
    members = ", ".join(f"{name}: {json.dumps(kind)}" for name, kind in fields.items())
    return f"  {_name(struct)}: {{ {members} }},\n"


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
        for field in _info(struct).fields:
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
    shapes, staff_shapes = ("".join(map(_shape, structs)) for structs in (told, to_staff))
    tags = {}
    for message in (*get_args(ToCandidate), *get_args(ToInstructor)):
        tags[_info(message).tag] = _name(message)
    names = "".join(f"  {tag}: {json.dumps(name)},\n" for tag, name in tags.items())
    kinds = "".join(
        f"  {_info(struct).tag}: {json.dumps(_name(struct))},\n" for struct in get_args(paper.PaperInteraction)
    )
    text = f"""{_head("protocol/messages, protocol/rest and protocol/paper.py")}
/** The fields of what a server says to a candidate, each with its type as TypeScript writes it. */
export const SHAPES = {{
{shapes}}} as const;

/** The shape of each interaction of a paper, by its type. */
export const INTERACTION_SHAPES = {{
{kinds}}} as const;

/** The shape of each message from a server, by its tag. */
export const MESSAGE_SHAPES = {{
{names}}} as const;
"""
    yield Output(f"{TYPESCRIPT}/shapes.ts", text)
    text = f"""{_head("protocol/messages and protocol/rest")}
/** The fields of what a server says to staff alone. */
export const STAFF_SHAPES = {{
{staff_shapes}}} as const;
"""
    yield Output(f"{TYPESCRIPT}/staff-shapes.ts", text)


def typescript_kinds() -> Iterator[Output]:
    """The kinds of entries of the audit log and of records of an attempt: the page has words for each."""
    for source, name, tags in (
        ("protocol/rules/audit.py", "entry", list(ENTRIES)),
        ("protocol/attempt/kinds.py", "fact", [kind.tag for kind in KINDS]),
    ):
        listed = "".join(f"  {json.dumps(tag)},\n" for tag in tags)
        text = f"""{_head(source)}
export const {name.upper()}_KINDS = [
{listed}] as const;

export type {name.capitalize()}Kind = (typeof {name.upper()}_KINDS)[number];
"""
        yield Output(f"{TYPESCRIPT}/{Path(source).stem}.ts", text)


def typescript_markup() -> Iterator[Output]:
    """What a body may hold, for the page's own reader."""
    elements = sorted(markup.PHRASES | markup.BLOCKS | markup.MATH | markup.PLACES)
    rows = "".join(
        f"  {json.dumps(element) if '-' in element else element}: "
        f"{json.dumps(' '.join(sorted(markup.ATTRIBUTES.get(element, ()))))},\n"
        for element in elements
    )

    def words(values: Iterable[str]) -> str:
        return f'new Set({json.dumps(" ".join(sorted(values)))}.split(" "))'

    text = f"""{_head("protocol/markup.py")}
const WORDS: Readonly<Record<string, string>> = {{
{rows}}};

/** The elements of a body, each with its attributes. */
export const ATTRIBUTES: Readonly<Record<string, readonly string[]>> = Object.assign(
  Object.create(null) as object,
  Object.fromEntries(Object.entries(WORDS).map(([element, names]) => [element, names.split(" ")])),
);

/** Attributes of every element that is not mathematical. */
export const EVERYWHERE: ReadonlySet<string> = {words(markup.EVERYWHERE)};

/** Elements of MathML. */
export const MATH: ReadonlySet<string> = {words(markup.MATH)};

/** Elements that have no end. */
export const EMPTY: ReadonlySet<string> = {words(markup.EMPTY)};

/** Where something stands that can be answered. */
export const PLACES: ReadonlySet<string> = {words(markup.PLACES)};

/** Elements inside one another. */
export const MAX_DEPTH = {markup.MAX_DEPTH};

/** What each id in a body begins with. */
export const ID_PREFIX = {json.dumps(markup.ID_PREFIX)};
"""
    yield Output(f"{TYPESCRIPT}/markup.ts", text)


# ── vectors and documents ───────────────────────────────────────────────────────────────────────────────────


def wire_vectors() -> Iterator[Output]:
    """Messages with their exact bytes, and bytes with the refusal they deserve."""
    for path, text in vectors().items():
        yield Output(path, text)


def document_regions() -> Iterator[Output]:
    """Diagram, tables and examples between the marks of a document."""
    for path, text in documents(ROOT).items():
        yield Output(path, text)


def schemas_of_events() -> Iterator[Output]:
    """What webhooks, streams and the feed tell."""
    text = json.dumps(schemas.document(), indent=2, ensure_ascii=False)
    yield Output(f"docs/events-{schemas.VERSION}.schema.json", f"{text}\n")


# ── all of them ─────────────────────────────────────────────────────────────────────────────────────────────

GENERATORS: Final[list[Callable[[], Iterable[Output]]]] = [
    typescript_messages,
    typescript_operations,
    typescript_codes,
    typescript_limits,
    typescript_rest,
    typescript_shapes,
    typescript_kinds,
    typescript_markup,
    wire_vectors,
    document_regions,
    schemas_of_events,
]


def stale(outputs: Iterable[Output]) -> list[Output]:
    """Those whose file is missing or says something else."""
    return [
        output
        for output in outputs
        if not (ROOT / output.path).is_file() or (ROOT / output.path).read_text("utf-8") != output.text
    ]


def main(arguments: list[str]) -> int:
    """Writes what is stale; with `--check`, names it and returns 1."""
    if arguments not in ([], ["--check"]):
        print("usage: python -m clients.generate [--check]", file=sys.stderr)
        return 2
    behind = stale(output for generator in GENERATORS for output in generator())
    for output in behind:
        if arguments:
            print(f"stale: {output.path} (run `python -m clients.generate`)", file=sys.stderr)
            continue
        target = ROOT / output.path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(output.text, "utf-8")
        print(f"written: {output.path}")
    return 1 if arguments and behind else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
