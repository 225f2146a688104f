"""The files of one version."""

import json
from pathlib import Path
from typing import Any, Final

import msgspec

from clients.vectors import EXAMPLES, ROW
from protocol import codec
from protocol.attempt.evolve import evolve
from protocol.attempt.facts import Record
from protocol.attempt.model import Attempt
from protocol.since import SPEAKS
from server.relay.frames import Ask, Batch, Executed, encode
from storage.projection import progress_values
from storage.snapshots import FOLD, SHAPE
from tests.golden import story

FOLDER: Final = Path(__file__).parent
FROZEN: Final[frozenset[str]] = frozenset()
"""Folders of released versions."""


def name_of_this_version() -> str:
    return f"v{SPEAKS}"


def files() -> dict[str, str]:
    """Name → text."""
    log = story.records()
    end = story.erased(log)
    states: list[Attempt] = []
    for record in [*log, end]:
        states.append(evolve(states[-1] if states else None, record))
    last = states[-2]
    rows = [("batch", Batch("one", 1, True, [ROW])), ("ask", Ask("one", True))]
    frames = [(name, encode(frame)) for name, frame in rows]
    frames.append(("executed", encode(Executed("one", story.ATTEMPT, 7, bytes(range(32)), ("00-1-2-01",)))))
    return {
        "about.json": _json({"fold": FOLD, "shape": SHAPE.hex()}) + "\n",
        "log.jsonl": _lines(_line(record) for record in log),
        "erased.jsonl": _lines([*(_line(record) | {"body": None} for record in log), _line(end)]),
        "states.jsonl": _lines(msgspec.to_builtins(state) for state in states),
        "snapshot.json": _json({"state": msgspec.msgpack.encode(last).hex()}) + "\n",
        "frames.jsonl": _lines(
            {"message": type(message).__name__, "bytes": codec.encode(message).hex()} for message in EXAMPLES.values()
        ),
        "relay.jsonl": _lines({"frame": name, "bytes": data.hex()} for name, data in frames),
        "rows.jsonl": _lines({"session_data": progress_values(state)[-1], "seq": state.seq} for state in states[:-1]),
    }


def _line(record: Record) -> dict[str, Any]:
    seq, at_ms, kind, role = msgspec.msgpack.decode(record.header)
    said = {"seq": seq, "at_ms": at_ms, "kind": kind, "role": role}
    return said | {"digest": record.digest.hex(), "body": record.body.hex(), "hash": record.hash.hex()}


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _lines(values: Any) -> str:
    return "".join(f"{_json(value)}\n" for value in values)
