"""What rich text may hold."""

import json
from collections.abc import Iterator
from typing import Final

from clients.output import Output
from clients.typescript import writing
from protocol.rich import grammar

_LAST_OF_TWO_BYTES: Final = 0xFFFF


def typescript_rich() -> Iterator[Output]:
    """Rich text, for the page's editor."""
    yield Output(
        f"{writing.FOLDER}/rich.ts",
        f"""{writing.head("protocol/rich/grammar.py")}
/** From the outermost to the innermost. */
export const MARKS = {json.dumps(grammar.MARKS)} as const;

/** Lists and quotations inside one another. */
export const MAX_NESTING = {grammar.MAX_NESTING};

/** Of characters that no rich text has: what stands between brackets in a regular expression. */
export const FORBIDDEN = "{_class(grammar.FORBIDDEN)}";
""",
    )


def _class(characters: str) -> str:
    """Escaped for an expression with the flag `u`, inside of a string."""
    return "".join(one if one == "-" else _escape(ord(one)) for one in characters)


def _escape(code: int) -> str:
    return f"\\\\u{code:04x}" if code <= _LAST_OF_TWO_BYTES else f"\\\\u{{{code:x}}}"
