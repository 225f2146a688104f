"""Bodies with records of logs: an attempt's, and an organisation's audit log."""

from typing import Any

from protocol.messages.base import Int
from protocol.rest.body import Body


class LogEntry(Body, frozen=True, kw_only=True):
    """One record of an attempt's log. `header` and `body` hold its bytes in base64, `digest` and `hash` are
    hexadecimal. `by` and `fact` are what the body says; empty where it can't be read. `at_ms` is when the record was
    received, `written_at_ms` when its transaction began. `withheld`: the caller may not read answers, or results, and
    this record says one; `by`, `fact` and `body` are empty then, and the chain holds without them."""

    seq: Int
    at_ms: Int
    written_at_ms: Int
    role: str
    by: str
    kind: str
    fact: dict[str, Any]
    header: str
    digest: str
    body: str
    hash: str
    withheld: bool


class LogPage(Body, frozen=True, kw_only=True):
    """Records of one attempt, in order; `next` is the `after` that continues the list, nil at its end. `key` is the
    attempt's, in hexadecimal: the digests of bodies are made with it. It is empty for callers from whom something is
    withheld: with it they could try out which body a digest belongs to."""

    attempt_id: str
    key: str
    entries: list[LogEntry]
    next: Int | None


class AuditEntry(Body, frozen=True, kw_only=True):
    """One entry of an organisation's audit log: `by` did what `entry` says, in this `role`. `subject` is the person
    whom it is about. `header` and `body` hold its bytes in base64, `key`, `digest` and `hash` are hexadecimal. Of what
    was erased `by`, `entry`, `body`, `key` and `subject` are empty."""

    seq: Int
    at_ms: Int
    role: str
    by: str
    kind: str
    subject: str | None
    entry: dict[str, Any]
    header: str
    digest: str
    key: str
    body: str
    hash: str


class AuditPage(Body, frozen=True, kw_only=True):
    """Entries of the caller's organisation, in order, or with `before` the newest first; `next` is the `after`, or the
    `before`, that continues the list, nil at its end."""

    org_id: str
    entries: list[AuditEntry]
    next: Int | None
