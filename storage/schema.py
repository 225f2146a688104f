"""Every table, as this version knows it. The migrations make them; a test holds the two against each other.
Indexes that are partial on SQLite are so on PostgreSQL too. The migrations alone say it: to name a dialect here would
import it.

Instants and durations are integers in milliseconds, also where the column's name has no unit (`start_time`,
`submit_time`, `expires_at` are names that the rest of the platform knows): one form on both databases, exact, and good
for every instant that the protocol can express.
"""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from storage.columns import AttemptId, JsonText

metadata: Final = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s",
    }
)

attempt_log: Final = Table(
    "attempt_log",
    metadata,
    Column("attempt_id", AttemptId, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("body", LargeBinary),
    Column("hash", LargeBinary, nullable=False),
    Column("written_at_ms", BigInteger, nullable=False),
    PrimaryKeyConstraint("attempt_id", "seq", name="pk_attempt_log"),
)
"""The truth. `seq`, `at_ms`, `kind` and `role` are the record's header, from which its bytes are made; `body` is empty
where it was erased; `written_at_ms` is the journal's clock when the record's transaction began. On SQLite it is not
clustered by its key: new records go to the end of the table, and only the narrow index is touched in many places (half
the cost)."""

attempt_keys: Final = Table(
    "attempt_keys",
    metadata,
    Column("attempt_id", AttemptId, nullable=False),
    Column("key", LargeBinary, nullable=False),
    PrimaryKeyConstraint("attempt_id", name="pk_attempt_keys"),
)
"""The key of each attempt, under which the bodies of its log are digested. A table of its own: whoever copies the log
or the snapshots does not copy the keys with them, and erasing replaces one row."""

snapshots: Final = Table(
    "snapshots",
    metadata,
    Column("attempt_id", AttemptId, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("head", LargeBinary, nullable=False),
    Column("last_n", BigInteger, nullable=False),
    Column("shape", LargeBinary, nullable=False),
    Column("state", LargeBinary, nullable=False),
)
"""The fold up to record `seq`, whose hash is `head`. `shape` says which version of the fold made `state`."""

courses: Final = Table(
    "courses",
    metadata,
    Column("attempt_id", AttemptId, nullable=False),
    Column("ended_ms", BigInteger, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("shape", LargeBinary, nullable=False),
    Column("course", LargeBinary, nullable=False),
    PrimaryKeyConstraint("attempt_id", name="pk_courses"),
)
"""What candidates did with each question of attempts that are over, folded from their logs up to record `seq`, after
the end at `ended_ms`. `shape` says which version of that fold made it. Kept for reports alone, and made again where it
is gone."""

OPEN_ATTEMPTS: Final = "status = 'initiated' OR status = 'in_progress' OR status = 'paused'"
"""Of a million attempts that have ended an index over these says nothing. A query uses it only where it names one of
them in so many words, not as a parameter."""

test_attempts: Final = Table(
    "test_attempts",
    metadata,
    Column("attempt_id", AttemptId, primary_key=True),
    Column("org_id", Text, nullable=False),
    Column("branch_id", Text),
    Column("test_id", Text, nullable=False),
    Column("test_version", Integer),
    Column("form_id", Text),
    Column("user_id", Text, nullable=False),
    Column("display_name", Text, nullable=False),
    Column("attempt_number", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Column("start_time", BigInteger),
    Column("submit_time", BigInteger),
    Column("expires_at", BigInteger),
    Column("progress_percentage", Integer, nullable=False),
    Column("current_question_index", Integer, nullable=False),
    Column("navigation_history", JsonText, nullable=False),
    Column("session_data", JsonText, nullable=False),
    Column("ip_address", Text),
    Column("user_agent", Text),
    Column("seq", BigInteger, nullable=False),
    Column("wake_at_ms", BigInteger),
    Column("marking_seq", BigInteger),
    Column("claimed_until_ms", BigInteger),
    Column("erased_at_ms", BigInteger),
    # test + user comes first: a neighbour looks a candidate up by the two
    UniqueConstraint("test_id", "user_id", "org_id", "attempt_number", name="uq_test_attempts"),
    Index("ix_test_attempts_roster", "org_id", "test_id", "attempt_id"),
    Index("ix_test_attempts_branch", "org_id", "branch_id"),
    Index("ix_test_attempts_user", "org_id", "user_id"),
    Index("ix_test_attempts_status", "status"),
    Index("ix_test_attempts_time", "start_time", "expires_at"),
    Index("ix_test_attempts_progress", "progress_percentage"),
    # An argument named postgresql_where would import that dialect into every embedded server. The migrations, which
    # make the tables, say the condition to both databases.
    Index(
        "ix_test_attempts_wake",
        "wake_at_ms",
        sqlite_where=text("wake_at_ms IS NOT NULL"),
    ),
    Index(
        "ix_test_attempts_marking",
        "marking_seq",
        sqlite_where=text("marking_seq IS NOT NULL"),
    ),
    Index(
        "ix_test_attempts_open",
        "org_id",
        "test_id",
        "status",
        "attempt_id",
        sqlite_where=text(OPEN_ATTEMPTS),
    ),
)
"""What the rest of the platform reads: each attempt as of its record `seq`. `test_version` is nil until the start.

`progress_percentage` follows in steps of ten while the attempt runs, and is exact from each change of status on.
`submit_time` is when it ended, however it ended; `expires_at` the deadline while a clock runs. `navigation_history`
holds the newest [question index, ms] pairs, `session_data` what else the monitor shows. `wake_at_ms` is the next
closing, `marking_seq` the record that made marking due, `claimed_until_ms` the lease of whoever sees to it. Where the
candidate was erased (`erased_at_ms`), `user_id` is her alias.
"""

answers: Final = Table(
    "answers",
    metadata,
    Column("attempt_id", AttemptId, nullable=False),
    Column("question_id", Text, nullable=False),
    Column("value", JsonText, nullable=False),
    Column("n", BigInteger, nullable=False),
    Column("answered_at_ms", BigInteger, nullable=False),
    PrimaryKeyConstraint("attempt_id", "question_id", name="pk_answers"),
    sqlite_with_rowid=False,
)
"""The last answer to each question, as of the attempt's snapshot."""

results: Final = Table(
    "results",
    metadata,
    Column("attempt_id", AttemptId, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("status", Text, nullable=False),
    Column("complete", Boolean, nullable=False),
    Column("score_mpt", BigInteger, nullable=False),
    Column("max_mpt", BigInteger, nullable=False),
    Column("awaiting_marks", Integer, nullable=False),
    Column("marks", JsonText, nullable=False),
    Column("result", JsonText, nullable=False),
    Column("saved_at_ms", BigInteger, nullable=False),
)
"""The newest marks, as of record `seq` of the attempt; `result` is the whole of it, as it goes over REST."""

result_versions: Final = Table(
    "result_versions",
    metadata,
    Column("attempt_id", AttemptId, nullable=False),
    Column("version", Integer, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("key_version", Integer, nullable=False),
    Column("complete", Boolean, nullable=False),
    Column("score_mpt", BigInteger, nullable=False),
    Column("max_mpt", BigInteger, nullable=False),
    Column("result", JsonText, nullable=False),
    Column("saved_at_ms", BigInteger, nullable=False),
    PrimaryKeyConstraint("attempt_id", "version", name="pk_result_versions"),
)
"""All marks that an attempt has had. Rows are added and never changed; erasing takes what is personal out of them."""

releases: Final = Table(
    "releases",
    metadata,
    Column("org_id", Text, nullable=False),
    Column("test_id", Text, nullable=False),
    Column("released_at_ms", BigInteger),
    Column("changed_by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    PrimaryKeyConstraint("org_id", "test_id", name="pk_releases"),
)
"""Since when staff show the results of a test to its candidates; empty: no longer."""

regrades: Final = Table(
    "regrades",
    metadata,
    Column("org_id", Text, nullable=False),
    Column("regrade_id", Text, nullable=False),
    Column("test_id", Text, nullable=False),
    Column("key_version", Integer, nullable=False),
    Column("reason", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("by_id", Text, nullable=False),
    Column("position", AttemptId),
    Column("done", Integer, nullable=False),
    Column("refused", Integer, nullable=False),
    Column("created_at_ms", BigInteger, nullable=False),
    Column("claimed_until_ms", BigInteger),
    Column("ended_at_ms", BigInteger),
    PrimaryKeyConstraint("org_id", "regrade_id", name="pk_regrades"),
    Index("ix_regrades_ended_at_ms", "ended_at_ms"),
)
"""Regrades that were asked for. `position` is the last attempt that has been seen to, `claimed_until_ms` the lease of
the node that goes on with it."""

bulk_acts: Final = Table(
    "bulk_acts",
    metadata,
    Column("org_id", Text, nullable=False),
    Column("bulk_id", Text, nullable=False),
    Column("test_id", Text, nullable=False),
    Column("order", JsonText, nullable=False),
    Column("filter", JsonText),
    Column("scope", JsonText, nullable=False),
    Column("request", LargeBinary, nullable=False),
    Column("role", Text, nullable=False),
    Column("by_id", Text, nullable=False),
    Column("total", Integer, nullable=False),
    Column("done", Integer, nullable=False),
    Column("refused", Integer, nullable=False),
    Column("created_at_ms", BigInteger, nullable=False),
    Column("claimed_until_ms", BigInteger),
    Column("ended_at_ms", BigInteger),
    PrimaryKeyConstraint("org_id", "bulk_id", name="pk_bulk_acts"),
    Index("ix_bulk_acts_test", "org_id", "test_id", "created_at_ms"),
    Index("ix_bulk_acts_ended_at_ms", "ended_at_ms"),
)
"""Acts on many attempts. `claimed_until_ms` is the lease of the node that carries one out, `request` a digest of what
was asked for."""

bulk_targets: Final = Table(
    "bulk_targets",
    metadata,
    Column("org_id", Text, nullable=False),
    Column("bulk_id", Text, nullable=False),
    Column("attempt_id", AttemptId, nullable=False),
    Column("outcome", Text),
    Column("code", Text),
    Column("detail", Text),
    PrimaryKeyConstraint("org_id", "bulk_id", "attempt_id", name="pk_bulk_targets"),
    Index("ix_bulk_targets_attempt_id", "attempt_id"),
)
"""The attempts of an act on many. `outcome` is nil while one waits; then done, or refused with code and sentence."""

marking_tasks: Final = Table(
    "marking_tasks",
    metadata,
    Column("attempt_id", AttemptId, nullable=False),
    Column("question_id", Text, nullable=False),
    Column("org_id", Text, nullable=False),
    Column("test_id", Text, nullable=False),
    Column("stage", Integer, nullable=False),
    Column("returned", Boolean, nullable=False),
    Column("answer", LargeBinary),
    Column("first_by", Text),
    Column("first_mpt", BigInteger),
    Column("first_remark", Text),
    Column("second_by", Text),
    Column("second_mpt", BigInteger),
    Column("second_remark", Text),
    Column("claimed_by", Text),
    Column("claimed_until_ms", BigInteger),
    Column("added_at_ms", BigInteger, nullable=False),
    Column("done_at_ms", BigInteger),
    Column("handle", AttemptId, nullable=False),
    PrimaryKeyConstraint("attempt_id", "question_id", name="pk_marking_tasks"),
    Index("ix_marking_tasks_queue", "org_id", "test_id", "done_at_ms", "question_id", "handle"),
    Index("ix_marking_tasks_handle", "handle"),
)
"""Answers that a person marks: those that wait, and (`done_at_ms`) those that no longer do. `stage` is a
`second_marking.Stage`; `first_*` and `second_*` are marks that do not count yet, given for the answer with the
fingerprint `answer`. `claimed_until_ms` is the lease of the person who has it in hand."""

tests: Final = Table(
    "tests",
    metadata,
    Column("org_id", Text, nullable=False),
    Column("test_id", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("title", Text, nullable=False),
    Column("content", JsonText, nullable=False),
    Column("content_hash", LargeBinary, nullable=False),
    Column("created_at_ms", BigInteger, nullable=False),
    PrimaryKeyConstraint("org_id", "test_id", "version", name="pk_tests"),
)
"""Tests by version. A version never changes: who stores another content makes the next one."""

media: Final = Table(
    "media",
    metadata,
    Column("org_id", Text, nullable=False),
    Column("hash", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("width", Integer),
    Column("height", Integer),
    Column("created_at_ms", BigInteger, nullable=False),
    Column("data", LargeBinary),
    PrimaryKeyConstraint("org_id", "hash", name="pk_media"),
)
"""Files of tests: pictures, sounds, films, exhibits. `hash` is that of the bytes, in hexadecimal; `type` is their media
type; `data` is empty where the bytes lie in a folder. A row never changes."""

answer_files: Final = Table(
    "answer_files",
    metadata,
    Column("org_id", Text, nullable=False),
    Column("attempt_id", AttemptId, nullable=False),
    Column("hash", Text, nullable=False),
    Column("piece", Integer, nullable=False),
    Column("type", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("created_at_ms", BigInteger, nullable=False),
    Column("data", LargeBinary, nullable=False),
    PrimaryKeyConstraint("attempt_id", "hash", "piece", name="pk_answer_files"),
    Index("ix_answer_files_org", "org_id", "piece"),
)
"""Files that candidates hand in, in pieces from 0 on; `size` is that of the whole. A row never changes."""

people: Final = Table(
    "people",
    metadata,
    Column("org_id", Text, nullable=False),
    Column("user_id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("email", Text),
    Column("branch_id", Text),
    Column("changed_at_ms", BigInteger, nullable=False),
    PrimaryKeyConstraint("org_id", "user_id", name="pk_people"),
)
"""Who there is, as the organisation says. Somebody may sit a test without a row here."""

groups: Final = Table(
    "groups",
    metadata,
    Column("org_id", Text, nullable=False),
    Column("group_id", Text, nullable=False),
    Column("title", Text, nullable=False),
    PrimaryKeyConstraint("org_id", "group_id", name="pk_groups"),
)
"""A class, a room, a list of people."""

group_members: Final = Table(
    "group_members",
    metadata,
    Column("org_id", Text, nullable=False),
    Column("group_id", Text, nullable=False),
    Column("user_id", Text, nullable=False),
    PrimaryKeyConstraint("org_id", "group_id", "user_id", name="pk_group_members"),
    Index("ix_group_members_user", "org_id", "user_id"),
)
"""Who is in which group."""

enrolments: Final = Table(
    "enrolments",
    metadata,
    Column("org_id", Text, nullable=False),
    Column("to_kind", Text, nullable=False),
    Column("to_id", Text, nullable=False),
    Column("who_kind", Text, nullable=False),
    Column("who_id", Text, nullable=False),
    Column("access_code_digest", LargeBinary),
    Column("form_id", Text),
    PrimaryKeyConstraint("org_id", "to_kind", "to_id", "who_kind", "who_id", name="pk_enrolments"),
    Index("ix_enrolments_who", "org_id", "who_kind", "who_id"),
)
"""Who may sit which test, or the tests of which course (`to_kind`): a user or a whole group (`who_kind`). `form_id` is
the form that she sits; `access_code_digest` stands for an access code of her own."""

overrides: Final = Table(
    "overrides",
    metadata,
    Column("org_id", Text, nullable=False),
    Column("who_kind", Text, nullable=False),
    Column("who_id", Text, nullable=False),
    Column("test_id", Text, nullable=False),
    Column("override", JsonText, nullable=False),
    Column("changed_at_ms", BigInteger, nullable=False),
    Column("changed_by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    PrimaryKeyConstraint("org_id", "who_kind", "who_id", "test_id", name="pk_overrides"),
    Index("ix_overrides_test", "org_id", "test_id"),
)
"""What a user or a group is granted, at one test or (`test_id` empty) at every test."""

people_revisions: Final = Table(
    "people_revisions",
    metadata,
    Column("org_id", Text, nullable=False),
    Column("revision", BigInteger, nullable=False),
    PrimaryKeyConstraint("org_id", name="pk_people_revisions"),
)
"""Counts the changes of an organisation's people, groups, enrolments and overrides. Whoever changes them counts in the
same transaction, and first: so changes come one after the other."""

outbox: Final = Table(
    "outbox",
    metadata,
    Column("attempt_id", AttemptId, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("topic", Text, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("payload", JsonText, nullable=False),
    PrimaryKeyConstraint("attempt_id", "seq", name="pk_outbox"),
    Index("ix_outbox_pending", "at_ms", "attempt_id", "seq"),
)
"""Events that wait to be delivered, each written in the transaction of the record that it tells. Its id is
`attempt_id:seq`. What has been delivered is deleted, and what is older than `outbox.KEPT_MS`."""

events: Final = Table(
    "events",
    metadata,
    Column("org_id", Text, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("event_id", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("lane", Text, nullable=False),
    Column("user_id", Text),
    Column("data", JsonText, nullable=False),
    PrimaryKeyConstraint("org_id", "position", name="pk_events"),
    Index("ix_events_id", "org_id", "event_id"),
    Index("ix_events_user", "org_id", "user_id"),
    Index("ix_events_at_ms", "at_ms"),
)
"""What has happened in each organisation, numbered without a gap as it was taken over from the outbox and from the
audit log. Those of one `lane` are delivered in their order: an attempt's, or the organisation's own (empty). `user_id`
is the person whom an event is about. What is older than `events.KEPT_MS` is deleted, and what is about somebody who is
erased."""

event_positions: Final = Table(
    "event_positions",
    metadata,
    Column("org_id", Text, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("pruned", BigInteger, nullable=False),
    Column("audit_seq", BigInteger, nullable=False),
    PrimaryKeyConstraint("org_id", name="pk_event_positions"),
)
"""The last event of each organisation, the last one that was too old and deleted, and the last entry of the audit log
that has become an event."""

subscriptions: Final = Table(
    "subscriptions",
    metadata,
    Column("org_id", Text, nullable=False),
    Column("subscription_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("topics", JsonText, nullable=False),
    Column("description", Text, nullable=False),
    Column("secrets", JsonText, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("why_off", Text),
    Column("created_at_ms", BigInteger, nullable=False),
    Column("changed_at_ms", BigInteger, nullable=False),
    Column("changed_by", Text, nullable=False),
    PrimaryKeyConstraint("org_id", "subscription_id", name="pk_subscriptions"),
)
"""Who is told of which events, and how. `secrets` sign what is sent: they are shown to nobody again."""

deliveries: Final = Table(
    "deliveries",
    metadata,
    Column("org_id", Text, nullable=False),
    Column("subscription_id", Text, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("lane", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("due_ms", BigInteger, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("made_ms", BigInteger, nullable=False),
    Column("give_up_ms", BigInteger, nullable=False),
    Column("tried_ms", BigInteger),
    Column("status", Integer),
    Column("error", Text),
    PrimaryKeyConstraint("org_id", "subscription_id", "position", name="pk_deliveries"),
    Index("ix_deliveries_due", "subscription_id", "due_ms", sqlite_where=text("state = 'waiting'")),
    Index("ix_deliveries_lane", "subscription_id", "lane", "position", sqlite_where=text("state = 'waiting'")),
    Index("ix_deliveries_dead", "org_id", "subscription_id", "position", sqlite_where=text("state = 'dead'")),
    Index("ix_deliveries_delivered", "tried_ms", sqlite_where=text("state = 'delivered'")),
    Index("ix_deliveries_event", "org_id", "position"),
)
"""What becomes of an event for each subscription. `waiting`: it is tried when it is `due_ms`, unless an earlier one of
its lane still waits; whoever tries it moves `due_ms` on first, so that nobody else does meanwhile. `dead`: it was given
up, and waits for somebody to replay it. `status` is what the receiver answered last."""

staff_commands: Final = Table(
    "staff_commands",
    metadata,
    Column("org_id", Text, nullable=False),
    Column("command_id", Text, nullable=False),
    Column("attempt_id", AttemptId, nullable=False),
    Column("claimed_at_ms", BigInteger),
    PrimaryKeyConstraint("org_id", "command_id", name="pk_staff_commands"),
)
"""Which attempt the id of a staff command belongs to. Rows are added, and deleted after `staff_commands.KEPT_MS`."""

api_keys: Final = Table(
    "api_keys",
    metadata,
    Column("org_id", Text, nullable=False),
    Column("key_id", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("user_id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("reach", JsonText, nullable=False),
    Column("secrets", JsonText, nullable=False),
    Column("made_at_ms", BigInteger, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("changed_at_ms", BigInteger, nullable=False),
    Column("revoked_at_ms", BigInteger),
    Column("last_used_ms", BigInteger),
    PrimaryKeyConstraint("org_id", "key_id", name="pk_api_keys"),
    Index("ix_api_keys_changed_at_ms", "changed_at_ms"),
)
"""Keys by which services call. `reach`: to which branches, tests and groups each is limited; `secrets`: digests, and
when each secret ends; `last_used_ms`: the hour. A key that is withdrawn stays for a while: nodes learn of it."""

keyed_calls: Final = Table(
    "keyed_calls",
    metadata,
    Column("org_id", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("request", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("claimed_at_ms", BigInteger, nullable=False),
    Column("status", Integer),
    Column("answer", Text),
    PrimaryKeyConstraint("org_id", "key", name="pk_keyed_calls"),
    Index("ix_keyed_calls_claimed_at_ms", "claimed_at_ms"),
)
"""Calls that came with an idempotency key. `key` stands for the caller and her key, `request` for what was asked: both
are keyed digests. `answer` is sealed; it is empty where it was too long, or where somebody was erased since."""

nodes: Final = Table(
    "nodes",
    metadata,
    Column("name", Text, nullable=False),
    Column("since_ms", BigInteger, nullable=False),
    Column("seen_ms", BigInteger, nullable=False),
    Column("speaks", Integer, nullable=False, server_default="1"),
    Column("left_ms", BigInteger),
    PrimaryKeyConstraint("name", name="pk_nodes"),
)
"""When each node first and last said that it is there, the version that it speaks, and when it stopped in order."""

fleet: Final = Table(
    "fleet",
    metadata,
    Column("id", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    PrimaryKeyConstraint("id", name="pk_fleet"),
)
"""One row: the version that all nodes speak."""

rest_contacts: Final = Table(
    "rest_contacts",
    metadata,
    Column("connection_id", Text, nullable=False),
    Column("seen_ms", BigInteger, nullable=False),
    PrimaryKeyConstraint("connection_id", name="pk_rest_contacts"),
)
"""When any node last heard of a connection over REST."""

erasures: Final = Table(
    "erasures",
    metadata,
    Column("alias", Text, nullable=False),
    Column("org_id", Text, nullable=False),
    Column("erased_at_ms", BigInteger, nullable=False),
    Column("erased_by", Text, nullable=False),
    Column("scrubbed", Boolean, nullable=False),
    PrimaryKeyConstraint("alias", name="pk_erasures"),
    Index("ix_erasures_erased_at_ms", "erased_at_ms"),
)
"""Who was erased, by alias; by it nodes learn whom to forget. `scrubbed`: the embedded database's file has been written
anew since, so that nothing is left in its unused space."""

head_files: Final = Table(
    "head_files",
    metadata,
    Column("node", Text, nullable=False),
    Column("lines", BigInteger, nullable=False),
    Column("mac", Text, nullable=False),
    PrimaryKeyConstraint("node", name="pk_head_files"),
)
"""How many lines each node has appended to its file of signed heads, and the MAC of the last one."""

audit_log: Final = Table(
    "audit_log",
    metadata,
    Column("org_id", Text, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("key", LargeBinary),
    Column("body", LargeBinary),
    Column("hash", LargeBinary, nullable=False),
    Column("subject", Text),
    Column("by_id", Text),
    Column("test_id", Text),
    PrimaryKeyConstraint("org_id", "seq", name="pk_audit_log"),
    Index("ix_audit_log_at_ms", "at_ms"),
    Index("ix_audit_log_subject", "org_id", "subject"),
    Index("ix_audit_log_by", "org_id", "by_id", "seq"),
    Index("ix_audit_log_test", "org_id", "test_id", "seq"),
)
"""What was done in an organisation beside the logs of attempts, chained as these are. `subject` is the person whom an
entry is about, `by_id` who acted, `test_id` the test that it is about; where its person was erased, these, `body` and
`key` are empty."""

revocations: Final = Table(
    "revocations",
    metadata,
    Column("revocation_id", AttemptId, primary_key=True),
    Column("org_id", Text, nullable=False),
    Column("token_id", Text),
    Column("user_id", Text),
    Column("revoked_at_ms", BigInteger, nullable=False),
    Column("revoked_by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Index("ix_revocations_revoked_at_ms", "revoked_at_ms"),
)
"""Withdrawn tokens: one by its id, or all that a user had been given by then. Rows are added and never changed; when
whatever they cover has ended, they may go."""
