"""Bodies about exams that are brought as files."""

from typing import Literal

from protocol.messages.base import Int
from protocol.rest.body import Body
from protocol.rest.lint import Finding


class ImportedItem(Body, frozen=True, kw_only=True):
    """What became of one item of a file. `source` is the file, `item` what the item is called there. `reasons` say what
    was lost, or why it was refused, and what else its author should know; `interactions` are the types of what is done
    in it."""

    source: str
    item: str
    outcome: Literal["taken", "taken_with_loss", "refused"]
    reasons: list[str]
    interactions: list[str]


class ImportReply(Body, frozen=True, kw_only=True):
    """What became of a file. `version` is that of the test `test_id` which was stored; nil: nothing was stored, since
    it was only looked at. `files` counts the pictures, sounds and films that came with it. `remarks` are about its
    window, `findings` about how it is written, as those of `GET /tests/{test_id}/lint`."""

    test_id: str | None
    version: Int | None
    items: list[ImportedItem]
    files: Int
    remarks: list[str]
    findings: list[Finding]
