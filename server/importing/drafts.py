"""What is made of a file that was written elsewhere: questions, and what became of each item."""

from collections.abc import Callable, Sequence
from hashlib import blake2b
from typing import Final, Literal

import msgspec

from protocol import limits
from protocol.content import Question, TestContent
from protocol.errors import Refused
from protocol.ids import normalize_id, read_address_id
from protocol.question_checks import check_question
from protocol.shapes import misshapen
from server.importing.carried import Carried
from server.importing.faults import ImportFault
from server.writing.faults import WritingFault

_MAX_ID_CHARS: Final = 60
"""A longer name of an item makes no good id: it stands in tables and addresses."""


MAX_REPORTS: Final = 5_000
"""Items that are told of: whoever reads the report looks at each."""

Outcome = Literal["taken", "taken_with_loss", "refused"]


class ItemReport(msgspec.Struct, frozen=True):
    """What became of one item. `source` is the file, `item` what the item is called there. `reasons` say what was lost,
    or why it was refused, and what else its author should know; `interactions` are the types of what is done in it."""

    source: str
    item: str
    outcome: Outcome
    reasons: list[str]
    interactions: list[str]


class Drafts:
    """Questions as they come from the items of a file, and the files that come with them. An item that makes no
    question is reported, and the others are read all the same."""

    def __init__(self, source: str) -> None:
        self.questions: list[Question] = []
        self.reports: list[ItemReport] = []
        self.carried = Carried()
        self.title: str | None = None
        self.notes: list[str] = []
        self._source = source
        self._ids: set[str] = set()

    def content(self, title: str) -> TestContent:
        """The test of the questions."""
        return TestContent(title=title, questions=self.questions)

    def take(self, item: str, name: str | None, make: Callable[[str, list[str]], Question]) -> None:
        """Takes what `make` gives for an id and a list, to which it adds what is lost. `name` is what the author called
        the item."""
        losses: list[str] = []
        self.notes = []
        question_id = self._id(name)
        try:
            question = checked_draft(make(question_id, losses))
        except (ImportFault, WritingFault) as fault:
            self.refuse(item, str(fault))
        except Refused as refused:
            self.refuse(item, refused.refusal.detail)
        except msgspec.ValidationError as error:
            self.refuse(item, f"A question can't be so: {misshapen(str(error))}.")
        else:
            self._ids.add(_folded(question_id))
            self.questions.append(question)
            if len(self.questions) > limits.MAX_QUESTIONS:
                raise ImportFault(f"{self._source} has more than {limits.MAX_QUESTIONS} questions.")
            told = list(dict.fromkeys(losses))
            self._report(item, "taken_with_loss" if told else "taken", [*told, *self.notes], question.kinds)

    def tell(self, item: str) -> None:
        """Reports what was taken and is no question."""
        self._report(item, "taken", [])

    def lose(self, item: str, losses: list[str]) -> None:
        """Reports what is lost of something that is no question."""
        self._report(item, "taken_with_loss", list(dict.fromkeys(losses)))

    def refuse(self, item: str, reason: str) -> None:
        """Reports an item of which nothing is made."""
        self._report(item, "refused", [reason])

    def _report(self, item: str, outcome: Outcome, reasons: list[str], kinds: Sequence[str] = ()) -> None:
        if len(self.reports) >= MAX_REPORTS:
            raise ImportFault(f"{self._source} has more than {MAX_REPORTS} items.")
        self.reports.append(ItemReport(self._source, item, outcome, reasons, list(kinds)))

    def _id(self, name: str | None) -> str:
        """The author's name for a question where it is a good id, and else the next number."""
        if name is not None and len(name) <= _MAX_ID_CHARS:
            try:
                found = read_address_id(name)
            except ValueError:
                pass
            else:
                if _folded(found) not in self._ids:
                    return found
        number = len(self.questions) + 1
        while f"q{number}" in self._ids:
            number += 1
        return f"q{number}"


def checked_draft(question: Question) -> Question:
    """The question, if it can be one. Raises `Refused(invalid_test)` and `msgspec.ValidationError`."""
    # Encoded and decoded: what is beyond a limit of its types is found nowhere else.
    question = msgspec.json.decode(msgspec.json.encode(question), type=Question)
    check_question(question, () if question.passage_id is None else (question.passage_id,))
    return question


def _folded(question_id: str) -> str:
    return normalize_id(question_id).casefold()


def option_id(position: int) -> str:
    """The id of an option that has none of its own: a letter by its position from 0, then two letters."""
    first, second = divmod(position, 26)
    letter = chr(ord("a") + second)
    return letter if first == 0 else chr(ord("a") + first - 1) + letter


def option_ids(texts: Sequence[str]) -> list[str]:
    """The ids of options whose place in the file says what is right, as in a list that is to be put in order: letters
    by a digest of their texts, since a paper has the ids."""
    digests = [blake2b(text.encode()).digest() for text in texts]
    places = sorted(range(len(texts)), key=lambda place: (digests[place], place))
    ids = dict(zip(places, map(option_id, range(len(texts))), strict=True))
    return [ids[place] for place in range(len(texts))]
