"""What a body may hold: the elements and attributes of its restricted HTML, and how deep they may nest.

The server's sanitiser keeps these alone, and a page draws these alone: `clients.generate` writes them for it.
"""

from typing import Final

MAX_DEPTH: Final = 48
"""Elements inside one another. A long proof in MathML has about twenty."""

MATH: Final[frozenset[str]] = frozenset(
    (
        *("math", "merror", "mfrac", "mi", "mmultiscripts", "mn", "mo", "mover", "mpadded", "mphantom"),
        *("mprescripts", "mroot", "mrow", "ms", "mspace", "msqrt", "mstyle", "msub", "msubsup", "msup", "mtable"),
        *("mtd", "mtext", "mtr", "munder", "munderover", "semantics"),
    )
)
"""MathML Core, without what runs or links."""

PLACES: Final[frozenset[str]] = frozenset(("pd-gap", "pd-hot", "pd-response"))
"""Where something stands that can be answered: an interaction, a gap, a text to choose. Each has an `id`."""

PHRASES: Final[frozenset[str]] = frozenset(
    (
        *("a", "abbr", "audio", "b", "bdi", "bdo", "br", "cite", "code", "del", "dfn", "em", "i", "img", "ins"),
        *("kbd", "mark", "pre", "q", "rp", "rt", "ruby", "s", "samp", "small", "span", "strong", "sub", "sup"),
        *("u", "var", "video", "wbr"),
    )
)
"""What may stand in a line, as an option is one. Code in several lines may too: programmers choose between programs."""

BLOCKS: Final[frozenset[str]] = frozenset(
    (
        *("blockquote", "caption", "col", "colgroup", "dd", "div", "dl", "dt", "figcaption", "figure"),
        *("h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "section"),
        *("table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul"),
    )
)

EMPTY: Final[frozenset[str]] = frozenset(("br", "col", "hr", "img", "wbr"))
"""Elements that have no end."""

MEDIA: Final[frozenset[str]] = frozenset(("audio", "img", "video"))
"""Elements whose `src` is `media:` and the hash of a stored file."""

EVERYWHERE: Final[frozenset[str]] = frozenset(("dir", "lang"))
"""Attributes of every element that is not mathematical."""

ATTRIBUTES: Final[dict[str, frozenset[str]]] = {
    "a": frozenset(("href", "id")),
    "abbr": frozenset(("title",)),
    "audio": frozenset(("src", "title")),
    "col": frozenset(("span",)),
    "colgroup": frozenset(("span",)),
    "img": frozenset(("alt", "height", "src", "title", "width")),
    "li": frozenset(("id", "value")),
    "ol": frozenset(("reversed", "start", "type")),
    "pd-gap": frozenset(("id",)),
    "pd-hot": frozenset(("id",)),
    "pd-response": frozenset(("id",)),
    "td": frozenset(("align", "colspan", "headers", "rowspan")),
    "th": frozenset(("abbr", "align", "colspan", "headers", "id", "rowspan", "scope")),
    "video": frozenset(("height", "src", "title", "width")),
    # MathML
    "math": frozenset(("alttext", "dir", "display", "displaystyle")),
    "mfrac": frozenset(("linethickness",)),
    "mi": frozenset(("mathvariant",)),
    "mo": frozenset(
        (
            *("fence", "form", "largeop", "lspace", "maxsize", "minsize", "movablelimits", "rspace", "separator"),
            *("stretchy", "symmetric"),
        )
    ),
    "mover": frozenset(("accent",)),
    "mpadded": frozenset(("depth", "height", "lspace", "voffset", "width")),
    "mrow": frozenset(("dir",)),
    "mspace": frozenset(("depth", "height", "width")),
    "mstyle": frozenset(("dir", "displaystyle", "scriptlevel")),
    "mtable": frozenset(("displaystyle",)),
    "mtd": frozenset(("columnalign", "columnlines", "columnspan", "rowlines", "rowspan")),
    "munder": frozenset(("accentunder",)),
    "munderover": frozenset(("accent", "accentunder")),
}
"""Attributes by element. `columnlines` of an `mtd` is a line before it, `rowlines` one above it."""

ID_PREFIX: Final = "b-"
"""What each id in a body begins with, so that none is the name of something on the page."""

MAX_BODY_CHARS: Final = 100_000
"""HTML of one question, passage or introduction. Ten pages of text with their markup."""

MAX_LINE_CHARS: Final = 20_000
"""HTML of one option."""
