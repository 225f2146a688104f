"""The kinds of facts and of entries of the audit log."""

import json
from collections.abc import Iterator
from pathlib import Path

from clients.output import Output
from clients.typescript import writing
from protocol.attempt.kinds import KINDS
from protocol.rules.audit import ENTRIES


def typescript_kinds() -> Iterator[Output]:
    """The kinds of entries of the audit log and of records of an attempt: the page has words for each."""
    for source, name, tags in (
        ("protocol/rules/audit.py", "entry", list(ENTRIES)),
        ("protocol/attempt/kinds.py", "fact", [kind.tag for kind in KINDS]),
    ):
        listed = "".join(f"  {json.dumps(tag)},\n" for tag in tags)
        text = f"""{writing.head(source)}
export const {name.upper()}_KINDS = [
{listed}] as const;

export type {name.capitalize()}Kind = (typeof {name.upper()}_KINDS)[number];
"""
        yield Output(f"{writing.FOLDER}/{Path(source).stem}.ts", text)
