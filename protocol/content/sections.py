"""Parts of a test, and what is drawn from pools."""

from typing import Annotated

import msgspec
from msgspec import Meta

from protocol import limits
from protocol.content.base import Delay, Duration, Introduction, Limit, Tools
from protocol.messages.base import NO_NUL, Id


class Draw(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Each candidate gets `count` questions, drawn by chance from a pool: those named by `of`, or all that have the
    `tag`. A tag may be drawn from several times: nobody gets a question twice. The questions of a pool are equal in
    points and time limit, so that all papers are worth the same."""

    count: Annotated[int, Meta(ge=1, le=limits.MAX_QUESTIONS)]
    of: Annotated[list[Id], Meta(max_length=limits.MAX_QUESTIONS)] = msgspec.field(default_factory=list)
    tag: Id | None = None


Exhibits = Annotated[list[Id], Meta(max_length=limits.MAX_EXHIBITS)]
"""Ids of passages that are shown when a candidate asks for them: a map, a formula sheet."""


class Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A part of a test: questions by their ids, and draws from pools. Drawn questions stand where the draw stands, in
    the order of the pool; with `shuffle` all questions of the section come in an order of the candidate's own.
    `limit_ms` is the section's own time limit; when a `limit` that is "soft" is up nothing closes. Nobody leaves the
    section before her clock has run for `min_ms` in it. `exhibits` names passages that can be looked at beside any
    question of it. `tools` are those of its questions; nil: the test's."""

    section_id: Id
    title: Annotated[str, Meta(min_length=1, max_length=300, pattern=NO_NUL)]
    instructions: Introduction = ""
    limit_ms: Duration | None = None
    items: Annotated[list[Id | Draw], Meta(min_length=1, max_length=limits.MAX_QUESTIONS)]
    shuffle: bool = False
    min_ms: Delay = 0
    limit: Limit = "hard"
    exhibits: Exhibits = msgspec.field(default_factory=list)
    tools: Tools | None = None
