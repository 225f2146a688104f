"""Reads OneRoster files in a process of its own, for `server.bringing`: python -m server.importing.rosters_apart

Its standard input is the zip; it writes what it has read as MessagePack. It opens nothing else and needs no settings.
"""

import sys

import msgspec

from protocol.rules.oneroster import Plan, Wrong, read_oneroster
from server.importing.bounds import bound_process
from server.importing.faults import ImportFault
from server.importing.oneroster import read_zip


class Answer(msgspec.Struct, frozen=True):
    """The plan, or what is wrong; or, where the file as a whole can't be read, the `fault`, a sentence."""

    plan: Plan | None = None
    wrong: list[Wrong] = []
    fault: str | None = None


def answer(data: bytes) -> Answer:
    """Reads the zip."""
    try:
        return Answer(*read_oneroster(read_zip(data)))
    except ImportFault as fault:
        return Answer(fault=str(fault))


def main() -> None:
    bound_process()
    sys.stdout.buffer.write(msgspec.msgpack.encode(answer(sys.stdin.buffer.read())))


if __name__ == "__main__":
    main()
