"""An exam with everything that is paired, put in order, or chosen in a text."""

from typing import Final

from protocol.content import (
    Associate,
    GapMatch,
    Hottext,
    Interaction,
    Match,
    Option,
    Order,
    PairOption,
    Question,
    TestContent,
)
from protocol.messages.base import PartValue

MATCH: Final = Match(
    response_id="match",
    rows=[PairOption("k", "Kenya", 1), PairOption("p", "<em>Peru</em>", 1)],
    columns=[PairOption("l", "Lima"), PairOption("n", "Nairobi"), PairOption("c", "Cuzco")],
    correct=[("k", "n"), ("p", "l")],
    partial="rows",
)
GAPS: Final = GapMatch(
    response_id="gaps",
    text='<p><pd-gap id="metal"></pd-gap> rusts where there are water and <pd-gap id="gas"></pd-gap>.</p>',
    choices=[PairOption("iron", "Iron", 1), PairOption("gold", "Gold", 1), PairOption("o", "O<sub>2</sub>", 1)],
    correct=[("iron", "metal"), ("o", "gas")],
)
TOGETHER: Final = Associate(
    response_id="opposites",
    choices=[PairOption(name, name.title(), 1) for name in ("hot", "wet", "cold", "dry")],
    correct=[("hot", "cold"), ("wet", "dry")],
    min_pairs=2,
)
HOT: Final = Hottext(
    response_id="verbs",
    text='<p>The cat <pd-hot id="s">sat</pd-hot> on the <pd-hot id="m">mat</pd-hot> and'
    ' <pd-hot id="p">purred</pd-hot>.</p>',
    correct=["s", "p"],
    max_choices=2,
)
ORDER: Final = Order(
    response_id="order",
    options=[Option("x", "First"), Option("y", "<em>Second</em>"), Option("z", "Third")],
    correct=["x", "y", "z"],
)
ANSWERS: Final[dict[str, PartValue]] = {
    "match": [("k", "n"), ("p", "l")],
    "gaps": [("iron", "metal"), ("o", "gas")],
    "opposites": [("hot", "cold"), ("wet", "dry")],
    "verbs": ["s", "p"],
    "order": ["x", "y", "z"],
}
"""All that is right, as the page sends it."""


def exam() -> TestContent:
    """One question of five parts."""
    interactions: list[Interaction] = [MATCH, GAPS, TOGETHER, HOT, ORDER]
    return TestContent(
        title="Pairs", questions=[Question(question_id="q1", body="<p>Answer all.</p>", interactions=interactions)]
    )
