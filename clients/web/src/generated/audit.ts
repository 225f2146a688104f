// Generated from protocol/rules/audit.py by `python -m clients.generate`. Do not edit.

export const ENTRY_KINDS = [
  "test_stored",
  "token_given",
  "tokens_revoked",
  "results_read",
  "keys_read",
  "log_read",
  "answers_read",
  "camera_pictures_read",
  "camera_pictures_deleted",
  "person_exported",
  "person_erased",
  "person_changed",
  "group_changed",
  "member_changed",
  "enrolments_changed",
  "override_changed",
  "released",
  "regraded",
  "bulk_act",
  "subscription_changed",
  "deliveries_replayed",
  "api_key_changed",
  "alerts_seen",
  "logs_archived",
  "archive_dropped",
  "retention_changed",
  "entries_dropped",
  "leaderboard_changed",
] as const;

export type EntryKind = (typeof ENTRY_KINDS)[number];
