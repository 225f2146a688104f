"""What a body may hold."""

import json
from collections.abc import Iterable, Iterator

from clients.output import Output
from clients.typescript import writing
from protocol import markup


def typescript_markup() -> Iterator[Output]:
    """What a body may hold, for the page's own reader."""
    elements = sorted(markup.PHRASES | markup.BLOCKS | markup.MATH | markup.PLACES)
    rows = "".join(
        f"  {json.dumps(element) if '-' in element else element}: "
        f"{json.dumps(' '.join(sorted(markup.ATTRIBUTES.get(element, ()))))},\n"
        for element in elements
    )

    def words(values: Iterable[str]) -> str:
        return f'new Set({json.dumps(" ".join(sorted(values)))}.split(" "))'

    text = f"""{writing.head("protocol/markup.py")}
const WORDS: Readonly<Record<string, string>> = {{
{rows}}};

/** The elements of a body, each with its attributes. */
export const ATTRIBUTES: Readonly<Record<string, readonly string[]>> = Object.assign(
  Object.create(null) as object,
  Object.fromEntries(Object.entries(WORDS).map(([element, names]) => [element, names.split(" ")])),
);

/** Attributes of every element that is not mathematical. */
export const EVERYWHERE: ReadonlySet<string> = {words(markup.EVERYWHERE)};

/** Elements of MathML. */
export const MATH: ReadonlySet<string> = {words(markup.MATH)};

/** Elements that have no end. */
export const EMPTY: ReadonlySet<string> = {words(markup.EMPTY)};

/** Where something stands that can be answered. */
export const PLACES: ReadonlySet<string> = {words(markup.PLACES)};

/** Elements inside one another. */
export const MAX_DEPTH = {markup.MAX_DEPTH};

/** What each id in a body begins with. */
export const ID_PREFIX = {json.dumps(markup.ID_PREFIX)};
"""
    yield Output(f"{writing.FOLDER}/markup.ts", text)
