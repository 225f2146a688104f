"""Options of an interaction: their ids, their texts, and which keep their place."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from protocol import limits
from protocol.content import Option
from protocol.ids import find_twins, read_address_id
from server.importing.drafts import option_id
from server.importing.faults import ImportFault
from server.importing.qti.bodies import why_blank
from server.importing.xml import Element

_MAX_ID_CHARS = 60


class Options(NamedTuple):
    """`named` has the item's own name of each option. With `shuffle` all are in an order of the candidate's own but
    those in `pinned`."""

    options: list[Option]
    named: dict[str, str]
    shuffle: bool
    pinned: list[str]

    def ours(self, theirs: str) -> str | None:
        """Our id of an option of this name."""
        return next((name for name, their in self.named.items() if their == theirs), None)


def read_options(
    interaction: Element, choices: Sequence[Element], write: Callable[[Element], str], losses: list[str]
) -> Options:
    """The options of an interaction. `write` gives the text of one as a line."""
    theirs = [choice.get("identifier", "") for choice in choices]
    ids = own_ids(theirs)
    texts = [write(choice) for choice in choices]
    if len(texts) < 2:
        raise ImportFault("There is nothing to choose between.")
    for text, choice in zip(texts, choices, strict=True):
        if not text:
            raise ImportFault(why_blank(choice, losses))
    fixed = [name for name, choice in zip(ids, choices, strict=True) if choice.get("fixed") == "true"]
    shuffle = interaction.get("shuffle") == "true" and len(fixed) < len(ids)
    if shuffle and fixed and fixed != ids[-len(fixed) :]:
        losses.append("its options have one order for everybody: some that keep their place do not stand at the end")
        shuffle = False
    options = [Option(name, text) for name, text in zip(ids, texts, strict=True)]
    return Options(options, dict(zip(ids, theirs, strict=True)), shuffle, fixed if shuffle else [])


def own_ids(theirs: list[str]) -> list[str]:
    """The ids of options: their own where all of these are good, and letters where not. Raises `ImportFault` where two
    have the same one, or there are too many."""
    if len(theirs) > limits.MAX_ANSWER_OPTIONS:
        # Here, and not by the check of the whole question: before that, pairs and orders of them are tried.
        raise ImportFault(f"It has more than {limits.MAX_ANSWER_OPTIONS} options.")
    if len(set(theirs)) != len(theirs):
        raise ImportFault("Two options have the same identifier.")
    letters = [option_id(position) for position in range(len(theirs))]
    if find_twins(theirs) is not None or any(len(name) > _MAX_ID_CHARS for name in theirs):
        return letters
    try:
        return [read_address_id(name) for name in theirs]
    except ValueError:
        return letters
