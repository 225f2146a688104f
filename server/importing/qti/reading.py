"""What is needed to read one interaction of an item."""

from typing import Final

from protocol import limits
from server.importing.faults import ImportFault
from server.importing.qti.asked import Hints
from server.importing.qti.bodies import Texts
from server.importing.qti.declarations import Declaration, correct_values
from server.importing.qti.demands import whole
from server.importing.xml import Element

_CHOICES: Final = ("simpleChoice", "hottext", "hotspotChoice")


class Reading:
    """An interaction with its variable, and where its texts and losses go."""

    def __init__(
        self, element: Element, response_id: str, declared: Declaration, texts: Texts, hints: Hints, losses: list[str]
    ) -> None:
        self.element = element
        self.response_id = response_id
        self.declared = declared
        self.texts = texts
        self.hints = hints
        self.losses = losses

    def count(self, name: str, default: int) -> int:
        """A whole number that an attribute says."""
        return whole(self.element, name, default)

    def limit(self, name: str) -> int | None:
        """How many at most; None: any number, which QTI writes as 0. Without the attribute it is any number too."""
        return self.count(name, 0) or None

    def pairs_limit(self) -> int | None:
        """How many pairs may be made; None: any number, also where the right ones are more than it says."""
        limit = self.limit("maxAssociations")
        return None if limit is None or limit < len(correct_values(self.declared)) else limit

    def least(self, name: str, most: int | None) -> int:
        """How many at least, never more than at most."""
        found = min(self.count(name, 0), limits.MAX_ANSWER_OPTIONS)
        return found if most is None else min(found, most)

    def choices_limit(self) -> int | None:
        """How many may be chosen; None: any number. Some items allow one and have several right ones: any number may
        be chosen there, since no answer would be right."""
        if self.declared.cardinality == "single":
            return 1
        limit = self.count("maxChoices", 0)
        if limit >= sum(1 for _ in self.element.iter(*_CHOICES)) > 0:
            return None
        return None if limit < len(correct_values(self.declared)) else limit or None

    def side(self, element: Element, name: str, found: int | None) -> int:
        """The width or height that an element says its picture has, or that it has."""
        side = whole(element, name, 0) or found
        if not side:
            raise ImportFault("Its picture does not say how large it is.")
        return side
