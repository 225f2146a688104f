"""Bodies of REST, and the paper."""

from collections.abc import Iterator
from typing import Final, get_args

import msgspec

from clients.bodies import bodies
from clients.output import Output
from clients.typescript import writing
from protocol import content, paper
from protocol.orders import STRUCTS as BULK
from protocol.override import Override, SetPage

PAPER: Final[list[type[msgspec.Struct]]] = [
    content.Option,
    content.PairOption,
    content.Picture,
    content.Spot,
    content.PairSpot,
    *get_args(paper.PaperInteraction),
    paper.PaperQuestion,
    paper.PaperCost,
    paper.PaperPassage,
    paper.PaperMedium,
    paper.PaperSection,
    paper.Paper,
]
"""What a candidate may see of a test; `content` has keys, and belongs in no page."""


_RUBRIC: Final[list[type[msgspec.Struct]]] = [content.Level, content.Criterion, content.CriterionMark]
"""By what staff mark."""


def typescript_rest() -> Iterator[Output]:
    """The REST bodies and the paper. A field that a caller may leave out is optional."""
    structs: list[type[msgspec.Struct]] = [*PAPER, *_RUBRIC, SetPage, Override, *BULK, *bodies()]
    own = {writing.name_of(struct) for struct in structs} | {"PaperInteraction"}
    used = {
        name
        for struct in structs
        for field in writing.info_of(struct).fields
        for name in writing.type_of(field.type).replace("[]", "").replace("(", "").replace(")", "").split(" | ")
    }
    imported = sorted(name for name in used - own if name[:1].isupper() and "<" not in name)
    head = writing.head("protocol/rest and protocol/paper.py")
    parts = [f'{head}\nimport type {{ {", ".join(imported)} }} from "./messages";\n']
    parts.extend(writing.interface(struct) for struct in structs)
    shown = " | ".join(writing.name_of(struct) for struct in get_args(paper.PaperInteraction))
    parts.append(writing.export("PaperInteraction", "type", shown))
    yield Output(f"{writing.FOLDER}/rest.ts", "\n".join(parts))
