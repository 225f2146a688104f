/** The texts of the audit log and of giving tokens. */

import type { EntryKind } from "../../generated/audit";

export const KIND: Record<EntryKind, string> = {
  test_stored: "Test stored",
  token_given: "Token given",
  tokens_revoked: "Tokens withdrawn",
  results_read: "Results read",
  keys_read: "Keys read",
  log_read: "Log read",
  answers_read: "Answers read",
  person_exported: "Person's data read",
  person_erased: "Person erased",
  person_changed: "Person changed",
  group_changed: "Group changed",
  member_changed: "Group's members changed",
  enrolments_changed: "Enrolments changed",
  override_changed: "Special arrangement changed",
  released: "Results released",
  regraded: "Marked again",
  bulk_act: "Command for many",
  subscription_changed: "Subscription to events changed",
  deliveries_replayed: "Deliveries replayed",
};

/** Of a newer server a kind is shown by its own name. */
export const kindText = (kind: string): string => (KIND as Record<string, string>)[kind] ?? kind.replaceAll("_", " ");

export const ROLE: Record<string, string> = {
  candidate: "Candidate",
  invigilator: "Invigilator",
  chief_invigilator: "Chief invigilator",
  marker: "Marker",
  instructor: "Instructor",
  administrator: "Administrator",
  service: "Service",
};

export const roleText = (role: string): string => ROLE[role] ?? role.replaceAll("_", " ");

export const O = {
  title: "Tests, audit log and tokens",
  open: "Tests, audit log and tokens",
  back: "Back to the tests",
  loading: "Loading…",
  nothing: "Your link neither brings tests nor reads the audit log nor gives tokens.",
  failed: "The server could not be reached. Please try again.",
  bring: {
    title: "Bring a test from a file",
    about:
      "QTI, H5P, Moodle XML, GIFT, Aiken, a table (CSV or XLSX), or an exam file of this system. First it is only looked at; nothing is stored before you say so.",
    file: "File",
    test: "Id of the test, where the file does not say it",
    look: "Look at it",
    looking: "Reading the file…",
    store: "Store the test",
    storeRest: (refused: number) => `Store the test without ${refused === 1 ? "what was refused" : `the ${refused} that were refused`}`,
    counts: (taken: number, lossy: number, refused: number) =>
      `${taken} taken, ${lossy} taken with a loss, ${refused} refused.`,
    nothing: "Nothing of it can be taken.",
    nameless: "Give the test an id first: the file does not say one.",
    stored: (test: string, version: number) => `Stored as ${test}, version ${version}.`,
    item: "Item",
    outcome: "What becomes of it",
    outcomes: { taken: "Taken", taken_with_loss: "Taken with a loss", refused: "Refused" },
    reasons: "Why",
    findings: "What its author should look at",
  },
  log: {
    title: "Audit log",
    about: "What was done in the organisation, the newest first. What was done in one attempt stands in that attempt’s own log.",
    kind: "What",
    every: "Everything",
    person: "About whom (id)",
    by: "By whom (id)",
    test: "Which test",
    every_test: "Every test",
    from: "From",
    until: "Until",
    find: "Show",
    clear: "Clear",
    none: "Nothing matches.",
    older: "Older entries",
    end: "That is all.",
    when: "When",
    what: "What",
    who: "By whom",
    subject: "About whom",
    details: "Details",
    emptied: "erased",
  },
  give: {
    title: "Give a token",
    short: "Tokens",
    about: "Whoever has the token acts with it until it ends or is withdrawn. It reaches no further than your own.",
    role: "Role",
    user: "For whom (id)",
    name: "Name",
    branches: "Only these branches",
    tests: "Only these tests",
    groups: "Only these groups",
    several: "Several ids with commas between them. Empty: all that your own token reaches.",
    hours: "Good for (hours)",
    confirm: "Make the token",
    made: (role: string, user: string) => `The token for ${user} (${role})`,
    once: "It is shown this once. Hand the link only to the person whom it is for.",
    until: (at: string) => `It ends at ${at}.`,
    id: (id: string) => `To withdraw it, its id is ${id}.`,
    copy: "Copy the link",
    copied: "Copied",
    link: "Link",
  },
} as const;
