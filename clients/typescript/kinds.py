"""The kinds of facts and of entries of the audit log, and what can be noticed."""

import json
from collections.abc import Iterator
from pathlib import Path

from clients.output import Output
from clients.typescript import writing
from protocol.attempt.kinds import KINDS
from protocol.integrity.signals import MEANINGS, PAGE_SIGNALS
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


def typescript_signals() -> Iterator[Output]:
    """The signals: the page has words for each, and says some of them itself."""
    listed = "".join(f"  {json.dumps(signal)},\n" for signal in MEANINGS)
    own = "".join(f"  {json.dumps(signal)},\n" for signal in MEANINGS if signal in PAGE_SIGNALS)
    text = f"""{writing.head("protocol/integrity/signals.py")}
export const SIGNALS = [
{listed}] as const;

export type Signal = (typeof SIGNALS)[number];

/** What a page notices itself. */
export const PAGE_SIGNALS = [
{own}] as const satisfies readonly Signal[];

export type PageSignal = (typeof PAGE_SIGNALS)[number];
"""
    yield Output(f"{writing.FOLDER}/signals.ts", text)
