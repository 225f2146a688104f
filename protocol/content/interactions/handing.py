"""Handing in a file."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from protocol import limits
from protocol.content.interactions.base import InteractionBase
from protocol.messages.base import NO_NUL

FileKind = Literal["picture", "pdf", "text", "document", "audio", "video"]


class Upload(InteractionBase, frozen=True, tag="upload", kw_only=True):
    """A file of one of the `kinds` is handed in, of `max_bytes` at most. Marked by a person; `guidance` is for the
    marker only."""

    kinds: Annotated[list[FileKind], Meta(min_length=1, max_length=6)] = msgspec.field(
        default_factory=lambda: ["picture", "pdf", "text", "document"]
    )
    max_bytes: Annotated[int, Meta(ge=1, le=limits.MAX_ANSWER_FILE_BYTES)] = limits.MAX_ANSWER_FILE_BYTES
    guidance: Annotated[str, Meta(max_length=20_000, pattern=NO_NUL)] | None = None
