"""Choosing among options."""

from typing import Annotated

import msgspec
from msgspec import Meta

from protocol import limits
from protocol.content.base import Line, Weight
from protocol.content.interactions.base import Marked, OptionFeedback
from protocol.messages.base import Id


class Option(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One of those that can be chosen."""

    option_id: Id
    body: Line


class WithOptions(Marked, frozen=True, kw_only=True):
    """What interactions with options have."""

    options: Annotated[list[Option], Meta(min_length=2, max_length=limits.MAX_ANSWER_OPTIONS)]


class Choice(WithOptions, frozen=True, kw_only=True):
    """What interactions have of whose options some are chosen. With `shuffle` each candidate gets the options in an
    order of her own; those in `pinned` then keep their place at the end ("none of these"). `weights_mpt` says what
    choosing an option is worth; one that it does not name is worth nothing. Where it is given, it alone decides.
    `option_feedback` is shown with the result to whoever chose the option."""

    weights_mpt: Annotated[dict[Id, Weight], Meta(max_length=limits.MAX_ANSWER_OPTIONS)] = msgspec.field(
        default_factory=dict
    )
    shuffle: bool = False
    pinned: Annotated[list[Id], Meta(max_length=limits.MAX_ANSWER_OPTIONS)] = msgspec.field(default_factory=list)
    option_feedback: OptionFeedback = msgspec.field(default_factory=dict)


class OneOf(Choice, frozen=True, kw_only=True):
    """What interactions have of whose options one is chosen. Exactly one is right; nil: there is no key."""

    correct: Id | None = None

    @property
    def right(self) -> list[Id]:
        """The right option; empty where there is no key."""
        return [] if self.correct is None else [self.correct]


class SingleChoice(OneOf, frozen=True, tag="single_choice", kw_only=True):
    """The options stand below one another."""


class InlineChoice(OneOf, frozen=True, tag="inline_choice", kw_only=True):
    """A menu in the line."""


class MultipleChoice(Choice, frozen=True, tag="multiple_choice", kw_only=True):
    """Any set of options is right. With `partial`, each option counts by itself: a right one that is chosen gives its
    share of the points, a wrong one takes as much away, or `wrong_mpt` where that is given; the sum is rounded down.
    `max_choices` nil: any number may be chosen. `min_choices` is shown to candidates and refuses nothing."""

    correct: Annotated[list[Id], Meta(max_length=limits.MAX_ANSWER_OPTIONS)] = msgspec.field(default_factory=list)
    partial: bool = False
    max_choices: Annotated[int, Meta(ge=1, le=limits.MAX_ANSWER_OPTIONS)] | None = None
    min_choices: Annotated[int, Meta(ge=0, le=limits.MAX_ANSWER_OPTIONS)] = 0


class TrueFalse(Marked, frozen=True, tag="true_false", kw_only=True):
    """A statement; the answer is "true" or "false". `correct` nil: there is no key."""

    correct: bool | None = None
    option_feedback: OptionFeedback = msgspec.field(default_factory=dict)
