"""The table of operations."""

import json
from collections.abc import Iterator

from clients.output import Output
from clients.typescript import writing
from protocol.codec import tag_of
from protocol.operations import OPERATIONS, Handling


def typescript_operations() -> Iterator[Output]:
    """The table of operations."""
    rows = "".join(
        f"  {tag_of(kind)}: {{ about: {json.dumps(handling.about)}, waits: {json.dumps(handling.waits)}, "
        f"kept: {json.dumps(handling.kept)}, aside: {json.dumps(handling.aside)}, told: {json.dumps(handling.told)}, "
        f"closes: {json.dumps(handling.closes)}, path: {json.dumps(handling.path)} }},\n"
        for kind, handling in OPERATIONS.items()
    )
    text = f"""{writing.head("protocol/operations.py")}
import type {{ Operation }} from "./messages";

{writing.comment(Handling.__doc__ or "")}export interface Handling {{
  about: readonly string[];
  waits: boolean;
  kept: boolean;
  aside: boolean;
  told: boolean;
  closes: boolean;
  path: string | null;
}}

{writing.comment("One row for each operation.")}export const OPERATIONS = {{
{rows}}} as const satisfies Record<Operation["t"], Handling>;
"""
    yield Output(f"{writing.FOLDER}/operations.ts", text)
