"""Reads an exam file in a process of its own, for `server.bringing`: python -m server.importing.apart

Its standard input is a line of JSON, the order, and then the file; it writes what it has read as MessagePack. It opens
nothing else and needs no settings. What a hostile file can take is bounded by the process's limits.
"""

import sys
from typing import Final

import msgspec

from protocol.content import TestContent
from protocol.errors import Refused
from server.importing.bounds import bound_process
from server.importing.drafts import ItemReport
from server.importing.faults import ImportFault
from server.importing.reading import ReadExam, read_file

MAX_FILES_BYTES: Final = 64 * 1024**2
"""All pictures, sounds and films of one exam: they go through the memory of the node."""


class Order(msgspec.Struct, frozen=True):
    """What the file is called, and the title of a test that has none."""

    name: str
    title: str | None


class File(msgspec.Struct, frozen=True):
    """A file of the exam that was looked at."""

    data: bytes
    type: str
    element: str
    width: int | None
    height: int | None


class Answer(msgspec.Struct, frozen=True):
    """What was read; or, where the file as a whole can't be, the `fault`, a sentence."""

    test_id: str | None = None
    content: TestContent | None = None
    reports: list[ItemReport] = []
    files: dict[str, File] = {}
    seasons: list[str] = []
    fault: str | None = None


def answer(order: Order, data: bytes) -> Answer:
    """Reads the file."""
    try:
        read = read_file(order.name, data, order.title)
    except ImportFault as fault:
        return Answer(fault=str(fault))
    except Refused as refused:
        return Answer(fault=refused.refusal.detail)
    if sum(len(looked.data) for looked in read.files.values()) > MAX_FILES_BYTES:
        return Answer(fault=f"The files of the exam are larger than {MAX_FILES_BYTES // 1024**2} MiB together.")
    return _told(read)


def _told(read: ReadExam) -> Answer:
    files = {
        name: File(looked.data, looked.type, looked.element, looked.width, looked.height)
        for name, looked in read.files.items()
    }
    return Answer(read.test_id, read.content, read.reports, files, read.seasons)


def main() -> None:
    bound_process()
    order = msgspec.json.decode(sys.stdin.buffer.readline(), type=Order)
    sys.stdout.buffer.write(msgspec.msgpack.encode(answer(order, sys.stdin.buffer.read())))


if __name__ == "__main__":
    main()
