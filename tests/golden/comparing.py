"""Says in words what is different between the files of a version and what this release makes."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from tests.golden import writing


def read(version: str, file: str) -> list[dict[str, Any]]:
    """The lines of one file."""
    text = Path(writing.FOLDER, version, file).read_text("utf-8")
    return [json.loads(line) for line in text.splitlines()]


def changes(version: str, files: dict[str, str]) -> list[str]:
    """One sentence for each difference."""
    said: list[str] = []
    for file, text in files.items():
        path = Path(writing.FOLDER, version, file)
        if not path.exists():
            said.append(f"{file} is new.")
        elif path.read_text("utf-8") != text:
            now = [json.loads(line) for line in text.splitlines()]
            said += _changes_in(file, read(version, file), now) or [f"{file} has changed."]
    return said


def _changes_in(file: str, before: list[dict[str, Any]], now: list[dict[str, Any]]) -> list[str]:
    if file == "log.jsonl":
        return list(_in_facts(_facts(before), _facts(now)))
    if file == "states.jsonl":
        return list(_in_states(before, now))
    if file == "frames.jsonl":
        was, is_now = ({one["message"]: _decoded(one["bytes"]) for one in lines} for lines in (before, now))
        return list(_in_facts(was, is_now))
    return []


def _decoded(text: str) -> dict[str, Any]:
    fields: dict[str, Any] = msgspec.msgpack.decode(bytes.fromhex(text))
    return fields


def _facts(lines: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    facts: dict[str, dict[str, Any]] = {}
    for one in lines:
        name = f"{one['kind']} at its defaults" if one["kind"] in facts else one["kind"]
        facts[name] = _decoded(one["body"])["fact"]
    return facts


def _in_facts(before: dict[str, dict[str, Any]], now: dict[str, dict[str, Any]]) -> Iterable[str]:
    for kind in before.keys() | now.keys():
        if kind not in now:
            yield f"{kind} has gone, or has another name."
        elif kind not in before:
            yield f"{kind} is new."
        else:
            yield from _in_fields(kind, before[kind], now[kind])
    if list(before) != list(now) and before.keys() == now.keys():
        yield "The order has changed."


def _in_fields(kind: str, before: dict[str, Any], now: dict[str, Any]) -> Iterable[str]:
    for name, value in before.items():
        if name not in now:
            yield f"{kind}: {name} has gone, has another name, or is left out as a default."
        elif value != now[name]:
            yield f"{kind}: {name} was {value!r} and is {now[name]!r}."
    for name in now:
        if name not in before:
            yield f"{kind}: {name} is new."
    common = [name for name in now if name in before]
    if common != [name for name in before if name in now]:
        yield f"{kind}: the order of fields has changed."


def _in_states(before: list[dict[str, Any]], now: list[dict[str, Any]]) -> Iterable[str]:
    """The first state that differs. Hashes and digests differ with the records, which are told of already."""
    for was, state in zip(before, now, strict=False):
        said = [one for one in _in_fields("field", was, state) if not one.startswith(_FOLLOW)]
        if said:
            yield from (f"The state at record {was.get('seq')}, {one}" for one in said)
            return


_FOLLOW = ("field: head ", "field: digests ", "field: reference ", "field: commands ")
