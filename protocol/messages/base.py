"""What all messages have in common: their base types, and the types of their fields."""

from typing import Annotated, Final

import msgspec
from msgspec import Meta

from protocol import limits

Int = Annotated[int, Meta(ge=0, le=limits.MAX_INT)]
Instant = Annotated[int, Meta(ge=0, le=limits.MAX_INSTANT_MS)]
"""One that people have chosen; what clocks say are `Int`."""
Number = Annotated[int, Meta(ge=1, le=limits.MAX_INT)]
NO_NUL: Final = r"^[^\x00]*$"
"""For ids, and for whatever staff and authors write: PostgreSQL has no text with a NUL in it. Answers may have one:
what a candidate typed is kept."""
Id = Annotated[str, Meta(min_length=1, max_length=limits.MAX_ID_CHARS, pattern=NO_NUL)]
AnsweredId = Annotated[str, Meta(min_length=1, max_length=limits.MAX_ID_CHARS)]
"""The `Id` in an answer. `codec` looks for a NUL in that of a question: a pattern would be half of what it costs to
decode one. All others are looked up on the paper."""
Text = Annotated[str, Meta(max_length=limits.MAX_TEXT_CHARS, pattern=NO_NUL)]
SomeText = Annotated[str, Meta(min_length=1, max_length=limits.MAX_TEXT_CHARS, pattern=NO_NUL)]
AccessCode = Annotated[str, Meta(max_length=limits.MAX_CODE_CHARS)]
Token = Annotated[str, Meta(max_length=limits.MAX_TOKEN_BYTES)]
AnswerText = Annotated[str, Meta(max_length=limits.MAX_ANSWER_CHARS)]
Head = Annotated[str, Meta(max_length=64)]
"""The hash of a record, in hexadecimal."""
Capabilities = Annotated[list[Id], Meta(max_length=limits.MAX_CAPABILITIES)]
Pair = Annotated[tuple[AnsweredId, ...], Meta(min_length=2, max_length=2)]
"""From one thing to another: a row and its column, a choice and its gap. Neither `tuple[Id, Id]` nor a pattern in an id
of it: msgspec 0.22 crashes while it makes decoders of such types."""
Chosen = Annotated[list[AnsweredId | Pair], Meta(max_length=limits.MAX_ANSWER_OPTIONS)]
PartValue = AnswerText | Chosen
"""The answer to one interaction: an option id, "true" or "false", a number as text, or text; a list of ids, or of pairs
of them."""
Value = PartValue | Annotated[dict[AnsweredId, PartValue], Meta(max_length=limits.MAX_INTERACTIONS)] | None
"""An answer: that of the question's one interaction, or a record of those of several by their response ids; nil when
taken back. What a record does not name has no answer."""


class Message(msgspec.Struct, frozen=True, tag_field="t"):
    """Base of every message. Whoever reads a message of a server passes over fields that it does not know: a newer
    server may say more."""


class AnyHello(Message, frozen=True):
    """Base of the first message of a connection. Fields that a server does not know are passed over: an older server
    must be able to read the `hello` of a newer client, and to say which version both speak."""


class FromClient(Message, frozen=True, forbid_unknown_fields=True):
    """Base of what clients send. A server does not carry out what it understands in part."""
