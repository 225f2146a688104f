"""What rich text is made of. It has one form alone, so that a check of it needs no HTML parser, and equal texts are
equal bytes.

    text       = block+
    block      = <p> phrase* </p> | <h2> phrase* </h2> | <h3> phrase* </h3> | <pre> characters </pre>
               | <blockquote> block+ </blockquote> | <ul> item+ </ul> | <ol> item+ </ol>
    item       = <li> <p> phrase* </p> block* </li>
    phrase     = characters | <br> | a mark around phrases, none of them in the same mark

No element has an attribute, no end is left out, and `&amp;`, `&lt;` and `&gt;` stand for the three characters that
would be markup; there are no other references. Tabs and line breaks stand in `pre` alone. A text that shows nothing is
the empty one, without markup.
"""

from typing import Final

MARKS: Final = ("strong", "em", "u", "s", "sub", "sup", "code")
"""From the outermost to the innermost, as our editor writes them; in another order they are as good."""

PHRASES: Final[frozenset[str]] = frozenset((*MARKS, "br"))
BLOCKS: Final[frozenset[str]] = frozenset(("blockquote", "h2", "h3", "ol", "p", "pre", "ul"))
ITEMS: Final[frozenset[str]] = frozenset(("li",))

INSIDE: Final[dict[str, frozenset[str]]] = {
    "": BLOCKS,
    "blockquote": BLOCKS,
    "h2": PHRASES,
    "h3": PHRASES,
    "li": BLOCKS,
    "ol": ITEMS,
    "p": PHRASES,
    "pre": frozenset(),
    "ul": ITEMS,
    **dict.fromkeys(MARKS, PHRASES),
}
"""What may stand in each element; in none of them: the text itself."""

LINES: Final[frozenset[str]] = frozenset(("h2", "h3", "p", "pre"))
"""Blocks that have characters: each is a line of its own where the text is read without its markup."""

NESTING: Final[frozenset[str]] = frozenset(("blockquote", "ol", "ul"))
MAX_NESTING: Final = 8
"""Lists and quotations inside one another. Each list on a phone takes a tenth of its width."""

MAX_RICH_CHARS: Final = 12_000
"""Characters of the text: a quarter of what an answer may have (`MAX_ANSWER_CHARS`) is left for its markup."""

FORBIDDEN: Final = "\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\ufffe\uffff"
"""What a regular expression has between brackets for characters that no text has: control characters, separators of
lines and paragraphs, and those that turn a direction around (embeddings and overrides), with which a text could be made
to look like another one. Marks and isolates, which people type, are not among them."""
