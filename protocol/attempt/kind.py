"""What there is to say about one kind of fact: the columns of the table in `kinds.py`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Flag, auto
from functools import cached_property

from protocol.attempt.facts import Fact, Moved
from protocol.attempt.folds import Fold
from protocol.attempt.model import Role, Status
from protocol.codes import Code
from protocol.rules.rights import Act, roles_with

_CHANGE_WITH_EVERY_TRY = frozenset({"n", "client_at_ms", "command_id", "max_mpt"})
"""Numbers and instants are of the try; what a question is worth (`max_mpt`) is the key's, and not the marker's."""


class Trait(Flag):
    """What is so of some kinds only."""

    NONE = 0

    PROJECTED = auto()
    """Changes status, deadline, section, wake, marks or hand. The projection follows in the record's transaction."""

    EVENT = auto()
    """The rest of the platform is told: its topic is the `family`, a dot and the tag."""

    SHOWN = auto()
    """Changes the state that the candidate's page shows. The page is sent the new one."""

    HOT = auto()
    """Written by the candidate's own node alone, by the hundred thousand: no word to other nodes, and no line in the
    log file."""

    LATE = auto()
    """May happen after the closing too."""

    PAPER = auto()
    """Changes the paper or where the candidate is on it: not accepted in the time that is for handing in alone."""

    PROMPT = auto()
    """Counts from the moment at which it was decided. One that waits too long for the log is decided anew."""

    MARKS_DUE = auto()
    """From this record on the marker has something to do."""

    MARKS_OFF = auto()
    """From this record on the marker has nothing to do."""

    REASONED = auto()
    """Staff must give a reason."""

    NEWEST = auto()
    """Before the start the newest rules of the test decide on it: who may begin, who is let in, to what she agrees."""

    WORDS = auto()
    """Tells her something, and changes nothing of hers: staff need not know of it before they act."""

    ALWAYS = auto()
    """Is accepted even when the attempt has had as many operations or commands as it can keep."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Kind:
    """One kind of fact.

    Whoever may do `act` asks for it; nil: nobody. `besides` are the roles by whom it comes about unasked: a clock stops
    because her connection was lost. It may follow the statuses `origins`. `target` is the status after it; nil: the
    same as before. Where it `returns` to one of several, the fold says to which. `fold` says what else changes. `asked`
    is the message or command that asks for it, if one does by itself. `refusals` are the answers to whoever asks in
    another status, where `rules.barred` does not know a better one. `since` is the version of the fleet that knows this
    kind. `reads` is the act that it takes to read what a record of it says. `family` is the first half of its topic.
    `gives` is the field with the time that it gives to the candidate.
    """

    fact: type[Fact]
    origins: frozenset[Status]
    fold: Fold
    traits: Trait
    target: Status | None = None
    returns: frozenset[Status] = frozenset()
    asked: type | None = None
    refusals: Mapping[Status, Code] = field(default_factory=dict)
    since: int = 1
    act: Act | None = None
    besides: frozenset[Role] = frozenset()
    reads: Act = Act.READ_LOG
    family: str = "attempt"
    gives: str | None = None

    @cached_property
    def by(self) -> frozenset[Role]:
        """Whoever may bring it about, asked for or not."""
        return self.besides if self.act is None else self.besides | roles_with(self.act)

    @cached_property
    def tag(self) -> str:
        """The value of `t` in the log."""
        return str(self.fact.__struct_config__.tag)

    @cached_property
    def topic(self) -> str | None:
        """The topic of its event; None: nobody outside is told."""
        return f"{self.family}.{self.tag}" if Trait.EVENT in self.traits else None

    @cached_property
    def numbered(self) -> bool:
        """Whether it may come with a client's number."""
        return "n" in self.fact.__struct_fields__

    @cached_property
    def commanded(self) -> bool:
        """Whether it may come with the id of a staff command."""
        return "command_id" in self.fact.__struct_fields__

    @cached_property
    def content(self) -> tuple[str, ...]:
        """The fields that whoever asks for it decides, in the order of the fact. Two requests that agree in them ask
        for the same."""
        asked = () if self.asked is None else self.asked.__struct_fields__  # type: ignore[attr-defined]
        return tuple(
            name for name in self.fact.__struct_fields__ if name in asked and name not in _CHANGE_WITH_EVERY_TRY
        )

    @cached_property
    def projected(self) -> bool:
        return Trait.PROJECTED in self.traits

    @cached_property
    def shown(self) -> bool:
        return Trait.SHOWN in self.traits

    @cached_property
    def hot(self) -> bool:
        return Trait.HOT in self.traits

    @cached_property
    def late(self) -> bool:
        return Trait.LATE in self.traits

    @cached_property
    def of_paper(self) -> bool:
        return Trait.PAPER in self.traits

    @cached_property
    def prompt(self) -> bool:
        return Trait.PROMPT in self.traits

    @cached_property
    def may_be_prompt(self) -> bool:
        """Whether a record of it can count from the moment at which it was decided: a visit does where questions have
        clocks."""
        return self.prompt or self.fact is Moved

    @cached_property
    def marks_due(self) -> bool:
        return Trait.MARKS_DUE in self.traits

    @cached_property
    def marks_off(self) -> bool:
        return Trait.MARKS_OFF in self.traits

    @cached_property
    def reasoned(self) -> bool:
        return Trait.REASONED in self.traits

    @cached_property
    def by_newest_test(self) -> bool:
        return Trait.NEWEST in self.traits

    @cached_property
    def only_words(self) -> bool:
        return Trait.WORDS in self.traits

    @cached_property
    def always(self) -> bool:
        return Trait.ALWAYS in self.traits
