"""Writes what is generated from `protocol/`: `python -m clients.generate`; `--check` only says what is stale.

A generator is a function that returns files as text; add it to `GENERATORS`. Generated files are committed, so
that a reader and a build need no Python, and CI checks with `--check` that they are fresh.
"""

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final

from clients.documents import documents
from clients.output import Output
from clients.report_words import report_words
from clients.typescript.codes import typescript_codes
from clients.typescript.kinds import typescript_kinds, typescript_signals
from clients.typescript.limits import typescript_limits
from clients.typescript.markup import typescript_markup
from clients.typescript.messages import typescript_messages
from clients.typescript.operations import typescript_operations
from clients.typescript.rest import typescript_rest
from clients.typescript.rich import typescript_rich
from clients.typescript.shapes import typescript_shapes
from clients.vectors import vectors
from protocol.events import schemas

ROOT: Final = Path(__file__).resolve().parent.parent


def wire_vectors() -> Iterator[Output]:
    """Messages with their exact bytes, and bytes with the refusal they deserve."""
    for path, text in vectors().items():
        yield Output(path, text)


def document_regions() -> Iterator[Output]:
    """Diagram, tables and examples between the marks of a document."""
    for path, text in documents(ROOT).items():
        yield Output(path, text)


def schemas_of_events() -> Iterator[Output]:
    """What webhooks, streams and the feed tell."""
    text = json.dumps(schemas.document(), indent=2, ensure_ascii=False)
    yield Output(f"docs/events-{schemas.VERSION}.schema.json", f"{text}\n")


GENERATORS: Final[list[Callable[[], Iterable[Output]]]] = [
    typescript_messages,
    typescript_operations,
    typescript_codes,
    typescript_limits,
    typescript_rest,
    typescript_shapes,
    typescript_kinds,
    typescript_signals,
    typescript_markup,
    typescript_rich,
    wire_vectors,
    document_regions,
    schemas_of_events,
    report_words,
]


def stale(outputs: Iterable[Output]) -> list[Output]:
    """Those whose file is missing or says something else."""
    return [
        output
        for output in outputs
        if not (ROOT / output.path).is_file() or (ROOT / output.path).read_text("utf-8") != output.text
    ]


def main(arguments: list[str]) -> int:
    """Writes what is stale; with `--check`, names it and returns 1."""
    if arguments not in ([], ["--check"]):
        print("usage: python -m clients.generate [--check]", file=sys.stderr)
        return 2
    behind = stale(output for generator in GENERATORS for output in generator())
    for output in behind:
        if arguments:
            print(f"stale: {output.path} (run `python -m clients.generate`)", file=sys.stderr)
            continue
        target = ROOT / output.path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(output.text, "utf-8")
        print(f"written: {output.path}")
    return 1 if arguments and behind else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
