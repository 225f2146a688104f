"""A question: what it says, and what is done in it."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from protocol import limits
from protocol.content.base import Body, Duration, Introduction, Limit, Tools, Weight
from protocol.content.interactions import ByHand, Interaction, has_feedback, has_key
from protocol.content.rubric import Criterion
from protocol.messages.base import NO_NUL, Id


class ScoreFeedback(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is said of an answer from so many thousandths of its question's points on; where the body is blank,
    nothing."""

    from_permille: Annotated[int, Meta(ge=0, le=1_000)]
    body: Introduction


class Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The `body` says where its interactions stand: `<pd-response id="…"></pd-response>`; those that it does not place
    stand behind it, in their order. With the `scoring` "all" a question gives its points only if every interaction is
    wholly right. One without interactions is information: it is read, is worth nothing, and counts nowhere.

    `limit_ms` is the question's own time limit; when a `limit` that is "soft" is up nothing closes. `feedback` is shown
    with the result, where the test shows feedback; of `score_feedback`, the one with the highest boundary that the mark
    reaches. A `required` question is a gap while one of its interactions has no answer (`Rules.gaps`). By its `tags` it
    is drawn (`Draw.tag`). `passage_id` names what is to be read beside it.

    One that is not `scored` is answered like any other and counts in no score. With a key it is tried out: statistics
    tell how it does. It may lack keys, and is then never marked. `tools` are those that the page offers beside it; nil:
    those of its section, or the test's. `unanswered_mpt` is what leaving it unanswered gives, or takes away.

    By the `rubric` a person judges the answer: the best levels of its criteria are together what the question is
    worth."""

    question_id: Id
    body: Body
    interactions: Annotated[list[Interaction], Meta(max_length=limits.MAX_INTERACTIONS)]
    scoring: Literal["sum", "all"] = "sum"
    limit_ms: Duration | None = None
    limit: Limit = "hard"
    feedback: Body | None = None
    score_feedback: Annotated[list[ScoreFeedback], Meta(max_length=limits.MAX_SCORE_FEEDBACK)] = msgspec.field(
        default_factory=list
    )
    required: bool = False
    tags: Annotated[list[Id], Meta(max_length=limits.MAX_TAGS)] = msgspec.field(default_factory=list)
    passage_id: Id | None = None
    scored: bool = True
    tools: Tools | None = None
    unanswered_mpt: Weight = 0
    rubric: Annotated[list[Criterion], Meta(max_length=limits.MAX_CRITERIA)] = msgspec.field(default_factory=list)

    @property
    def points_mpt(self) -> int:
        """What the whole question is worth in the score, in thousandths of a point."""
        return sum(asked.points_mpt for asked in self.interactions) if self.scored else 0

    @property
    def shown_mpt(self) -> int:
        """What its candidates read that it is worth. One that is being tried out must not be told from the others."""
        return (
            self.points_mpt if self.scored else sum(asked.points_mpt for asked in self.interactions if has_key(asked))
        )

    @property
    def kind(self) -> str:
        """The type of its interaction; "several" where it has more than one, "information" where it has none."""
        if not self.interactions:
            return INFORMATION
        return kind_of(self.interactions[0]) if len(self.interactions) == 1 else SEVERAL

    @property
    def kinds(self) -> list[str]:
        """The types of its interactions, in their order."""
        return [kind_of(asked) for asked in self.interactions]

    @property
    def has_feedback(self) -> bool:
        """Whether the author says something of any answer."""
        return self.feedback is not None or bool(self.score_feedback) or any(map(has_feedback, self.interactions))

    @property
    def needs_person(self) -> bool:
        """Whether a person marks it, or a part of it."""
        return self.scored and any(isinstance(interaction, ByHand) for interaction in self.interactions)


SEVERAL = "several"
INFORMATION = "information"


def kind_of(interaction: Interaction) -> str:
    """Its `type`, as it is written."""
    tag = interaction.__struct_config__.tag
    assert isinstance(tag, str)
    return tag


class Passage(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Something to read that several questions are about."""

    passage_id: Id
    title: Annotated[str, Meta(max_length=300, pattern=NO_NUL)] = ""
    body: Body
