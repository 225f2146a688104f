"""Who may do what on PostgreSQL: nodes add to the log and can never change it.

There are three roles. The one that migrates owns the tables. The runtime role is the nodes': whoever takes over a node
can read, and write new records, and can't rewrite or drop what is there. The eraser may delete, to prune old exams and
to erase people.
"""

from collections.abc import Iterable
from typing import Final

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from storage.errors import NotAllowed

_ADD: Final = "SELECT, INSERT"
_KEEP: Final = "SELECT, INSERT, UPDATE"

RUNTIME: Final = {
    "attempt_log": _ADD,
    "attempt_keys": _ADD,
    "archived_logs": "SELECT",
    "retention": f"{_KEEP}, DELETE",
    "revocations": _ADD,
    "snapshots": _KEEP,
    "courses": f"{_KEEP}, DELETE",
    "test_attempts": _KEEP,
    "results": _KEEP,
    "result_versions": _ADD,
    "releases": _KEEP,
    "regrades": _KEEP,
    "leaderboard": f"{_KEEP}, DELETE",
    "marking_tasks": _KEEP,
    "bulk_acts": _KEEP,
    "bulk_targets": _KEEP,
    "tests": _ADD,
    # Marks what no test names; only the eraser deletes it.
    "media": f"{_ADD}, UPDATE (unused_since_ms)",
    "left_media": "SELECT",
    "answer_files": _ADD,
    # Nodes keep the promise of how long, which was given to candidates, with no role of an eraser too.
    "captured_pictures": f"{_ADD}, DELETE",
    "people": f"{_KEEP}, DELETE",
    "groups": f"{_KEEP}, DELETE",
    "group_members": f"{_KEEP}, DELETE",
    "enrolments": f"{_KEEP}, DELETE",
    "overrides": f"{_KEEP}, DELETE",
    "people_revisions": _KEEP,
    "head_files": _KEEP,
    # A node takes the rows that it moves with FOR UPDATE, so that an erasure and it come one after the other.
    "outbox": f"{_KEEP}, DELETE",
    "events": f"{_ADD}, DELETE",
    "event_positions": _KEEP,
    "subscriptions": f"{_KEEP}, DELETE",
    "deliveries": f"{_KEEP}, DELETE",
    "mail_stops": f"{_ADD}",
    "staff_commands": f"{_ADD}, DELETE",
    "keyed_calls": f"{_KEEP}, DELETE",
    "api_keys": f"{_KEEP}, DELETE",
    "nodes": f"{_KEEP}, DELETE",
    "fleet": "SELECT, UPDATE",
    "rest_contacts": f"{_KEEP}, DELETE",
    "answers": f"{_KEEP}, DELETE",
    "erasures": "SELECT",
    "audit_log": _ADD,
    "schema_version": "SELECT",
}
"""Table → what nodes need. Every table is named: what is forgotten here, no node may touch."""
ERASER: Final = {
    # Adds the record that says so, and takes bodies away; headers and hashes it can't change.
    "attempt_log": f"{_ADD}, DELETE, UPDATE (body)",
    "attempt_keys": "SELECT, DELETE, UPDATE (key)",
    "archived_logs": f"{_KEEP}, DELETE",
    "retention": "SELECT",
    "snapshots": "SELECT, DELETE",
    "courses": "SELECT, DELETE",
    "test_attempts": "SELECT, DELETE, UPDATE",
    "results": "SELECT, DELETE, UPDATE",
    "result_versions": "SELECT, DELETE, UPDATE (result)",
    "releases": "SELECT, UPDATE",
    "regrades": "SELECT, DELETE, UPDATE",
    "marking_tasks": "SELECT, DELETE, UPDATE",
    "leaderboard": "SELECT, DELETE",
    "bulk_acts": "SELECT, DELETE, UPDATE",
    "bulk_targets": "SELECT, DELETE",
    "outbox": "SELECT, DELETE",
    "events": "SELECT, DELETE",
    "deliveries": "SELECT, DELETE",
    "mail_stops": "SELECT, DELETE",
    # Everything but the secrets.
    "subscriptions": "SELECT (org_id, changed_by), UPDATE (changed_by)",
    "answers": "SELECT, DELETE",
    "staff_commands": "SELECT, DELETE",
    "rest_contacts": "SELECT, DELETE",
    # Takes answers away, and can read none.
    "keyed_calls": "SELECT (org_id, state), UPDATE (answer, state)",
    # Everything but the digests.
    "api_keys": "SELECT (org_id, user_id, made_by, changed_at_ms),"
    " UPDATE (user_id, name, made_by, changed_at_ms, revoked_at_ms)",
    "revocations": "SELECT, DELETE, UPDATE",
    "people": "SELECT, DELETE",
    "group_members": "SELECT, DELETE",
    "enrolments": "SELECT, DELETE",
    "overrides": "SELECT, DELETE, UPDATE",
    "people_revisions": _KEEP,
    "erasures": _KEEP,
    # Adds the entry that says so, and takes bodies away; headers and hashes it can't change.
    "audit_log": f"{_ADD}, UPDATE (body, key, subject, by_id, test_id)",
    "schema_version": "SELECT",
    "tests": "SELECT",
    "media": "SELECT, DELETE, UPDATE (unused_since_ms)",
    "left_media": _KEEP,
    "answer_files": "SELECT, DELETE",
    "captured_pictures": "SELECT, DELETE",
}
_NO_SUCH_ROLE: Final = "42704"
"""The SQLSTATE of a GRANT to an unknown role."""


def grant(connection: Connection, runtime_role: str | None, eraser_role: str | None) -> None:
    """Takes from the roles whatever they had on our tables, and gives them what is theirs. PostgreSQL alone.

    Raises `NotAllowed` if a role does not exist.
    """
    for role, privileges in ((runtime_role, RUNTIME), (eraser_role, ERASER)):
        if role is None:
            continue
        quoted = connection.dialect.identifier_preparer.quote_identifier(role)
        try:
            connection.execute(text(f"GRANT USAGE ON SCHEMA public TO {quoted}"))
            for statement in _statements(quoted, privileges.items()):
                connection.execute(text(statement))
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) != _NO_SUCH_ROLE:
                raise
            raise NotAllowed(f"PostgreSQL: there is no role {role}") from error


def _statements(role: str, privileges: Iterable[tuple[str, str]]) -> Iterable[str]:
    for table, rights in privileges:
        yield f"REVOKE ALL ON {table} FROM {role}"
        yield f"GRANT {rights} ON {table} TO {role}"
