"""The paper: what candidates see of a test. It has no keys and no guidance."""

import msgspec

from protocol.content.interactions import Option, PairOption, PairSpot, Picture, Sides, Spot
from protocol.content.interactions.graphic import as_options
from protocol.content.interactions.pairs import gaps_of
from protocol.messages.base import Int


class PaperBase(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", kw_only=True):
    """What an interaction shows. It stands in the question's body where that names its `response_id`, or behind it."""

    response_id: str


class PaperOptions(PaperBase, frozen=True, kw_only=True):
    """Options, in the candidate's order."""

    options: list[Option]


class PaperSingleChoice(PaperOptions, frozen=True, tag="single_choice", kw_only=True):
    """One option is chosen."""


class PaperInlineChoice(PaperOptions, frozen=True, tag="inline_choice", kw_only=True):
    """One option is chosen, from a menu in the line."""


class PaperMultipleChoice(PaperOptions, frozen=True, tag="multiple_choice", kw_only=True):
    """Any options are chosen: at least `min_choices`, which refuses nothing, and at most `max_choices` (nil: any
    number)."""

    max_choices: Int | None
    min_choices: Int = 0


class PaperTrueFalse(PaperOptions, frozen=True, tag="true_false", kw_only=True):
    """The statement is true, or false."""


class PaperOrder(PaperOptions, frozen=True, tag="order", kw_only=True):
    """All options are put in order. They come in an order that says nothing."""


class PaperHottext(PaperBase, frozen=True, tag="hottext", kw_only=True):
    """Words of the `text` are chosen, which is restricted HTML with `<pd-hot id="…">` around each of them: at least
    `min_choices`, which refuses nothing, and at most `max_choices` (nil: any number)."""

    text: str
    min_choices: Int
    max_choices: Int | None


class PaperPairs(PaperBase, frozen=True, kw_only=True):
    """Pairs are made: at least `min_pairs`, which refuses nothing, and at most `max_pairs` (nil: any number). Each end
    stands in as many of them as its `max_uses` says."""

    min_pairs: Int
    max_pairs: Int | None


class PaperMatch(PaperPairs, frozen=True, tag="match", kw_only=True):
    """Each row is put together with columns. A pair is a row and a column."""

    rows: list[PairOption]
    columns: list[PairOption]

    @property
    def sides(self) -> Sides:
        """Rows and columns."""
        return Sides(self.rows, self.columns)


class PaperGapMatch(PaperPairs, frozen=True, tag="gap_match", kw_only=True):
    """Choices are put into the gaps of the `text`, which is restricted HTML with `<pd-gap id="…"></pd-gap>` where each
    stands. A pair is a choice and a gap; a gap takes one choice."""

    text: str
    choices: list[PairOption]

    @property
    def sides(self) -> Sides:
        """Choices and gaps."""
        return Sides(self.choices, gaps_of(self.text))


class PaperAssociate(PaperPairs, frozen=True, tag="associate", kw_only=True):
    """Choices are paired with one another, in no direction."""

    choices: list[PairOption]

    @property
    def sides(self) -> Sides:
        """The choices, on both sides."""
        return Sides(self.choices, self.choices, is_one=True)


class PaperSlider(PaperBase, frozen=True, tag="slider", kw_only=True):
    """A number is set, from `lower` in steps of `step` up to `upper`: decimal numbers with a point. The `unit` stands
    behind it."""

    lower: str
    upper: str
    step: str
    unit: str | None


class PaperPicture(PaperBase, frozen=True, kw_only=True):
    """A picture, whose `src` is `media:` and the hash of one of the paper's files. Coordinates are in units of which it
    has `width` and `height`."""

    picture: Picture


class PaperSpots(PaperPicture, frozen=True, kw_only=True):
    """A picture with spots."""

    spots: list[Spot]


class PaperHotspot(PaperSpots, frozen=True, tag="hotspot", kw_only=True):
    """Spots are chosen: at least `min_choices`, which refuses nothing, and at most `max_choices` (nil: any number)."""

    min_choices: Int
    max_choices: Int | None


class PaperPoint(PaperPicture, frozen=True, tag="point", kw_only=True):
    """Points are set on the picture: at least `min_choices`, which refuses nothing, and at most `max_choices` (nil: any
    number)."""

    min_choices: Int
    max_choices: Int | None


class PaperGraphicOrder(PaperSpots, frozen=True, tag="graphic_order", kw_only=True):
    """Spots are put in order."""


class PaperGraphicGapMatch(PaperPairs, frozen=True, tag="graphic_gap_match", kw_only=True):
    """Choices are put on spots of a picture. A pair is a choice and a spot."""

    picture: Picture
    spots: list[PairSpot]
    choices: list[PairOption]

    @property
    def sides(self) -> Sides:
        """Choices and spots."""
        return Sides(self.choices, as_options(self.spots))


class PaperGraphicAssociate(PaperPairs, frozen=True, tag="graphic_associate", kw_only=True):
    """Spots of a picture are joined, in no direction."""

    picture: Picture
    spots: list[PairSpot]

    @property
    def sides(self) -> Sides:
        """The spots, on both sides."""
        spots = as_options(self.spots)
        return Sides(spots, spots, is_one=True)


class PaperText(PaperBase, frozen=True, kw_only=True):
    """A text of `max_chars` at most is typed."""

    max_chars: Int


class PaperNumeric(PaperText, frozen=True, tag="numeric", kw_only=True):
    """A number is typed, with this `decimal_sign`: ".", "," or "either". The `unit` stands behind it."""

    unit: str | None
    decimal_sign: str


class PaperShortText(PaperText, frozen=True, tag="short_text", kw_only=True):
    """A text of one line is typed."""


class PaperEssay(PaperText, frozen=True, tag="essay", kw_only=True):
    """A text of several lines is typed. It should have `min_words` to `max_words` (nil: as few, or as many, as she
    likes); nothing is refused for them. `format` is "plain", or "rich" where the answer is rich text: of that its
    `max_chars` are counted without the markup."""

    min_words: Int | None
    max_words: Int | None
    format: str = "plain"


class PaperUpload(PaperBase, frozen=True, tag="upload", kw_only=True):
    """A file is handed in over REST (`POST …/files`), of one of these `kinds` and of `max_bytes` at most; the answer
    names it by its hash."""

    kinds: list[str]
    max_bytes: Int


PaperPairing = PaperMatch | PaperGapMatch | PaperAssociate | PaperGraphicGapMatch | PaperGraphicAssociate
"""What is answered by pairs."""

PaperInteraction = (
    PaperSingleChoice
    | PaperInlineChoice
    | PaperMultipleChoice
    | PaperTrueFalse
    | PaperHottext
    | PaperOrder
    | PaperMatch
    | PaperGapMatch
    | PaperAssociate
    | PaperNumeric
    | PaperSlider
    | PaperShortText
    | PaperEssay
    | PaperHotspot
    | PaperPoint
    | PaperGraphicOrder
    | PaperGraphicGapMatch
    | PaperGraphicAssociate
    | PaperUpload
)


class PaperCost(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the part of a question takes away, in thousandths of a point: for an `answer` that is wrong, for one with
    `nothing_right` in it, or for each `mistake`. `takes_mpt` nil: as much as something right gives. `up_to`: some
    take less. `least_mpt`: the part is never worth less; nil: it has no such bound."""

    response_id: str
    what: str
    takes_mpt: Int | None
    up_to: bool = False
    least_mpt: Int | None = None


class PaperQuestion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A question as the candidate sees it: no key, no guidance. `body` is restricted HTML, with
    `<pd-response id="…"></pd-response>` where an interaction stands. `limit_ms` is the question's own time limit. A
    `required` question is a gap when she hands in while one of its interactions has no answer. `passage_id` names what
    is to be read beside it. Without `interactions` it is information: nothing is asked, and it is not counted. `tools`
    are those that are offered beside it; nil: its section's. `costs` say what is taken away for what is wrong, and
    `unanswered_mpt` what it gives, or takes away, where nothing is answered."""

    question_id: str
    body: str
    interactions: list[PaperInteraction]
    points_mpt: Int
    limit_ms: Int | None
    required: bool
    passage_id: str | None
    tools: list[str] | None = None
    costs: list[PaperCost] = msgspec.field(default_factory=list)
    unanswered_mpt: Int = 0


class PaperPassage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something to read that questions are about, as restricted HTML."""

    passage_id: str
    title: str
    body: str


class PaperMedium(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file that the paper's texts name by `media:` and its `hash`, and the `address` at which it is served."""

    hash: str
    address: str


class PaperSection(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A part of the paper: `count` questions from position `first` on, of which `unasked` are information and ask
    nothing. A paper without parts is one, whose `section_id` is nil and whose title is blank. `limit_ms` is the part's
    own time limit. `instructions` are blank, and `exhibits` empty, as long as the part is not open; the latter are
    passages that can be looked at beside each of its questions. `tools` are those beside its questions; nil: the
    paper's."""

    section_id: str | None
    title: str
    instructions: str
    limit_ms: Int | None
    first: Int
    count: Int
    unasked: Int = 0
    exhibits: list[str] = msgspec.field(default_factory=list)
    tools: list[str] | None = None


class Paper(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One candidate's paper, of one version of a test: her questions in her order. Where sections are sat one after
    the other, `questions` are those of the open section, which `section_id` names (nil: none is open); `sections`
    names all of them. In every other test `section_id` is nil, and `questions` are all. `passages` are those that its
    questions and `exhibits` name: the latter can be looked at beside every question. `media` are the files that its
    texts name, `tools` what the page offers beside them. `instructions` are restricted HTML, here and in the
    sections."""

    test_id: str
    test_version: Int
    form_id: str | None
    title: str
    instructions: str
    sections: list[PaperSection]
    section_id: str | None
    questions: list[PaperQuestion]
    passages: list[PaperPassage]
    media: list[PaperMedium]
    tools: list[str] = msgspec.field(default_factory=list)
    exhibits: list[str] = msgspec.field(default_factory=list)
