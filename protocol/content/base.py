"""The types of fields that all of a test's content shares.

Points are integers in thousandths of a point (`*_mpt`), so that no mark is ever rounded.
"""

from typing import Annotated, Literal, get_args

from msgspec import Meta

from protocol import limits, markup
from protocol.messages.base import NO_NUL

Body = Annotated[str, Meta(min_length=1, max_length=markup.MAX_BODY_CHARS, pattern=NO_NUL)]
"""What a candidate reads, as restricted HTML (`protocol.markup`): paragraphs, lists, tables, pictures, formulas."""
Line = Annotated[str, Meta(min_length=1, max_length=markup.MAX_LINE_CHARS, pattern=NO_NUL)]
"""The same inside of a line: an option, a cell."""
Introduction = Annotated[str, Meta(max_length=markup.MAX_BODY_CHARS, pattern=NO_NUL)]
"""A body that may be missing."""
Label = Annotated[str, Meta(min_length=1, max_length=4_000, pattern=NO_NUL)]
"""Plain text that a key has."""
Title = Annotated[str, Meta(min_length=1, max_length=300, pattern=NO_NUL)]
"""Plain text of one line."""
Points = Annotated[int, Meta(ge=0, le=1_000_000_000)]
Penalty = Annotated[int, Meta(ge=-1_000_000_000, le=0)]
Weight = Annotated[int, Meta(ge=-1_000_000_000, le=1_000_000_000)]
Duration = Annotated[int, Meta(ge=1_000, le=limits.MAX_DURATION_MS)]
Delay = Annotated[int, Meta(ge=0, le=limits.MAX_DURATION_MS)]
Language = Annotated[str, Meta(max_length=35, pattern=r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$")]
Limit = Literal["hard", "soft"]
"""What the end of a time limit does: it closes what it limits, or says no more than that time is over."""
AddressRange = Annotated[str, Meta(min_length=1, max_length=64)]
DecimalText = Annotated[str, Meta(min_length=1, max_length=64)]

Tool = Literal["strike_out", "line_focus", "notes", "highlighter", "calculator", "scientific_calculator"]
Tools = Annotated[list[Tool], Meta(max_length=len(get_args(Tool)))]
"""What the candidate's page offers beside a question."""
