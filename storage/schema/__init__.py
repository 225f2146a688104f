"""Every table, as this version knows it. The migrations make them; a test holds the two against each other.
Indexes that are partial on SQLite are so on PostgreSQL too. The migrations alone say it: to name a dialect here would
import it.

Instants and durations are integers in milliseconds, also where the column's name has no unit (`start_time`,
`submit_time`, `expires_at` are names that the rest of the platform knows): one form on both databases, exact, and good
for every instant that the protocol can express.
"""

from storage.schema.access import api_keys, keyed_calls, revocations
from storage.schema.acts import bulk_acts, bulk_targets, staff_commands
from storage.schema.attempts import (
    OPEN_ATTEMPTS,
    answers,
    archived_logs,
    attempt_keys,
    attempt_log,
    courses,
    retention,
    snapshots,
    test_attempts,
)
from storage.schema.events import deliveries, event_positions, events, mail_stops, outbox, subscriptions
from storage.schema.exams import answer_files, captured_pictures, left_media, media, tests
from storage.schema.fleet import fleet, head_files, nodes, rest_contacts
from storage.schema.metadata import metadata
from storage.schema.people import enrolments, group_members, groups, overrides, people, people_revisions
from storage.schema.records import audit_log, erasures
from storage.schema.results import leaderboard, marking_tasks, regrades, releases, result_versions, results

__all__ = [
    "OPEN_ATTEMPTS",
    "answer_files",
    "answers",
    "api_keys",
    "archived_logs",
    "attempt_keys",
    "attempt_log",
    "audit_log",
    "bulk_acts",
    "bulk_targets",
    "captured_pictures",
    "courses",
    "deliveries",
    "enrolments",
    "erasures",
    "event_positions",
    "events",
    "fleet",
    "group_members",
    "groups",
    "head_files",
    "keyed_calls",
    "leaderboard",
    "left_media",
    "mail_stops",
    "marking_tasks",
    "media",
    "metadata",
    "nodes",
    "outbox",
    "overrides",
    "people",
    "people_revisions",
    "regrades",
    "releases",
    "rest_contacts",
    "result_versions",
    "results",
    "retention",
    "revocations",
    "snapshots",
    "staff_commands",
    "subscriptions",
    "test_attempts",
    "tests",
]
