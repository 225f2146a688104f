"""What is faster than people are: worked out from the server's times alone, so that a page can't hide it.

What a network held up arrives at once, and looks fast. So the bounds are generous, and nothing of this stops a clock.
"""

from typing import Final

from protocol.answering import parts_of
from protocol.content.text import plain_text
from protocol.messages.base import Value
from protocol.paper import PaperEssay, PaperOptions, PaperQuestion
from protocol.rich import text_of

READ_WORDS_PER_MINUTE: Final = 1_000
"""Nobody reads faster and understands. Most people read 200 to 400 words a minute, and what speed readers gain they
lose in comprehension (K. Rayner, E. R. Schotter, M. E. J. Masson, M. C. Potter and R. Treiman, "So much to read, so
little time", Psychological Science in the Public Interest 17, 2016)."""
MOST_READ_MS: Final = 10_000
"""A longer text may have been read before, in the instructions or beside another question."""
TYPED_PER_SECOND: Final = 25
"""Characters. The fastest typists come to half of that for a minute; dictation and word prediction come near."""
JUMP_CHARS: Final = 200
"""Less is not looked at: a word completed, a line dictated, a paragraph moved about."""
SETTLED_MS: Final = 10_000
"""For so long after she has connected, what waits on a device may come in all at once."""


def least_reading_ms(question: PaperQuestion) -> int:
    """The least time in which anybody reads a question with its options."""
    bodies = [question.body]
    for interaction in question.interactions:
        if isinstance(interaction, PaperOptions):
            bodies += [option.body for option in interaction.options]
    words = sum(len(plain_text(body).split()) for body in bodies)
    return min(MOST_READ_MS, words * 60_000 // READ_WORDS_PER_MINUTE)


def text_chars(question: PaperQuestion, value: Value) -> int:
    """The characters of an answer that may have been typed: of rich text those without its markup."""
    parts = parts_of(value, [asked.response_id for asked in question.interactions])
    return sum(
        len(text_of(part) if isinstance(asked, PaperEssay) and asked.format == "rich" else part)
        for asked, part in zip(question.interactions, parts, strict=True)
        if isinstance(part, str)
    )


def jumped(grown_chars: int, in_ms: int) -> bool:
    """Whether an answer grew by more than anybody types in that time."""
    return grown_chars > JUMP_CHARS and grown_chars * 1_000 > TYPED_PER_SECOND * in_ms
