// Generated from protocol/messages by `python -m clients.generate`. Do not edit.

/** The answer to one interaction: an option id, a number as text, or text; a list of ids, or of pairs. */
export type PartValue = string | (string | [string, string])[];

/** An answer: that of the only interaction, or a record of those of several by response id; null: none. */
export type Value = string | (string | [string, string])[] | Record<string, PartValue> | null;

/**
 * The first message of a candidate's connection, within 5 s. `client` names the program and its version, for
 * support. `protocol` and `oldest_protocol` are the newest and the oldest version that it speaks, `capabilities` what
 * else it can do. Fields that the server does not know are passed over.
 *
 * `device` is chosen by the client: one for each page or program instance, kept while that instance lives. `connect_n`
 * rises with every try of that device to connect, over the socket or over REST. `takeover`: a person asked for it here
 * (opened the link, pressed "use it here"); a program that comes back by itself says false. `seen_seq` is the highest
 * log position that the server has told this device of as durable, `seen_head` the hash of the record there; nil:
 * none.
 */
export interface Hello {
  t: "hello";
  protocol: number;
  token: string;
  client: string;
  oldest_protocol: number;
  capabilities: string[];
  device: string;
  connect_n: number;
  takeover: boolean;
  seen_seq: number | null;
  seen_head: string | null;
}

/**
 * A message from staff. Confirm it with `receipt`. `formal`: it is a formal warning, which is kept in the record;
 * nil: it is not.
 */
export interface StaffMessage {
  t: "staff_message";
  message_id: string;
  text: string;
  sent_at_ms: number;
  formal?: boolean | null;
}

/**
 * Time is running out: `left_ms` are left until `deadline_ms`, on the clock of the test, or of the section or
 * question `of`.
 */
export interface TimeWarning {
  t: "warning";
  left_ms: number;
  deadline_ms: number;
  scope: string;
  of: string | null;
}

/**
 * The answer to a candidate's `hello`: all that is needed to go on where the log ends. `protocol` is the version to
 * speak on this connection, `capabilities` are those of the client that are in force.
 *
 * Numbers of new operations start above `last_n`. What was sent before and is not acknowledged is sent again with its
 * old number. `duration_ms` is the whole time this candidate has, extra time included; nil: no limit.
 * `warnings_ms` are the times left at which she is warned; `pauses_on_disconnect`: a lost connection stops the clock,
 * within the test's budget. `unseen` are the staff messages that were not dismissed yet. `warning` is the newest one
 * given for the deadline in force, for a page that was away when it was given. `candidate_name` says
 * whose attempt it is. `instructions` are empty after the end. `lost_records` is 0 unless the database
 * has lost records that had been acknowledged: the most that one device knew beyond the log, and 1 where the log has
 * grown as long again. `extra_time_ms` is the candidate's own part of
 * `duration_ms`. `parts` are the sections of a test that has some; empty from the start on. `opens_at_ms` and
 * `closes_at_ms` are the candidate's own window; nil: it does not open, or close. `hindrances` is all that keeps her
 * from starting at `now_ms`, in the order in which a start would meet it; empty from the start on. `gaps` is what the
 * test does when she hands in without an answer to a required question: allow, warn (her page asks once more) or
 * refuse. `order` is how she goes through the paper: free, by_section, or forward (question by question, without a way
 * back). `restored`: the log has no record `seen_seq` with the hash `seen_head` (of the `hello`), because the database
 * was restored from an older copy. `timing` are the other rules of time. `watching` is what is noticed while she sits;
 * nil: nothing. `page` is how her page looks to begin with; nil: as she has set it.
 */
export interface Welcome {
  t: "welcome";
  protocol: number;
  attempt_id: string;
  test_id: string;
  title: string;
  candidate_name: string;
  instructions: string;
  duration_ms: number | null;
  warnings_ms: number[];
  pauses_on_disconnect: boolean;
  connection_id: string;
  now_ms: number;
  heartbeat_ms: number;
  first_beat_ms: number;
  backoff_base_ms: number;
  backoff_cap_ms: number;
  last_n: number;
  question_total: number;
  question_index: number;
  state: AttemptState;
  lost_records: number;
  answers: SavedAnswer[];
  flagged: string[];
  unseen: StaffMessage[];
  warning: TimeWarning | null;
  capabilities: string[];
  extra_time_ms: number;
  parts: Part[];
  opens_at_ms: number | null;
  closes_at_ms: number | null;
  hindrances: Hindrance[];
  gaps: string;
  order: string;
  restored: boolean;
  timing?: Timing | null;
  watching?: Watching | null;
  page?: PageSettings | null;
}

/**
 * What `welcome` has said of the test has changed: until the start the attempt follows its test, and later staff
 * may put other rules in force. The fields are those of `welcome`.
 */
export interface Offer {
  t: "offer";
  title: string;
  instructions: string;
  duration_ms: number | null;
  warnings_ms: number[];
  pauses_on_disconnect: boolean;
  question_total: number;
  extra_time_ms: number;
  parts: Part[];
  opens_at_ms: number | null;
  closes_at_ms: number | null;
  hindrances: Hindrance[];
  gaps: string;
  order: string;
  timing?: Timing | null;
  watching?: Watching | null;
  page?: PageSettings | null;
}

/**
 * Every operation up to number `n` that was sent on this connection and not refused is durable.
 *
 * `seq` is the log's last sequence number in that commit, `head` the hash of that record in hexadecimal,
 * `committed_at_ms` the server's clock at the commit.
 */
export interface Ack {
  t: "ack";
  n: number;
  seq: number;
  committed_at_ms: number;
  head: string;
}

/** The attempt's status, clocks or sections have changed. */
export interface StatePush {
  t: "state";
  now_ms: number;
  state: AttemptState;
}

/** The application's heartbeat: `t0_ms` is the client's clock, returned untouched in `echo`. */
export interface Beat {
  t: "beat";
  t0_ms: number;
}

/**
 * A fresh token for this connection, of the same person for the same thing. Answered by `renewed`, or by `refused`
 * with `n` nil: then the old token stays in force until its end.
 */
export interface Renew {
  t: "renew";
  token: string;
}

/** The token of this connection ends at `expires_at_ms`. A client that can get a fresh one sends `renew`. */
export interface TokenExpiring {
  t: "token_expiring";
  expires_at_ms: number;
}

/** The fresh token is in force, until `expires_at_ms`. */
export interface Renewed {
  t: "renewed";
  expires_at_ms: number;
}

/** Returns a beat: the client's clock as sent, the server's at receipt and at sending. */
export interface Echo {
  t: "echo";
  t0_ms: number;
  t1_ms: number;
  t2_ms: number;
}

/**
 * An operation was not accepted, and changed nothing. `n` is nil for a message in which no number could be read,
 * and where the connection as a whole is refused.
 */
export interface RefusedOp {
  t: "refused";
  n: number | null;
  code: string;
  detail: string;
  retry: string;
}

/** The server closes this connection next. Come back after `after_ms`; nil: as the code says. */
export interface Goodbye {
  t: "goodbye";
  code: number;
  detail: string;
  after_ms: number | null;
}

/**
 * The first message of an instructor's connection, within 5 s. `client` names the program and its version. The rest
 * is as in a candidate's.
 */
export interface MonitorHello {
  t: "hello";
  protocol: number;
  token: string;
  client: string;
  oldest_protocol: number;
  capabilities: string[];
}

/**
 * What the candidate of a row is granted in place of the rules of the test or beyond them. Her extra time is
 * `extra_time_ms` or `extra_time_permille` of the duration, whichever is more; `unlimited_time`: she has no limit.
 * `opens_at_ms` and `closes_at_ms` are a window of her own, nil: the test's; `never_closes`: hers has no end.
 * `pause_budget_ms` is for how long lost connections stop her clock, nil: as the test says. She is `exempt` from these
 * signals. `page` is how her page looks to begin with, nil: as she has set it.
 */
export interface RowAccommodation {
  extra_time_ms: number;
  extra_time_permille: number;
  unlimited_time: boolean;
  opens_at_ms: number | null;
  closes_at_ms: number | null;
  never_closes: boolean;
  pause_budget_ms: number | null;
  extra_attempts: number;
  exempt?: string[] | null;
  page?: PageSettings | null;
}

/** A formal warning that a candidate was given: when, what for, and in which role. `seen`: she has dismissed it. */
export interface FormalWarning {
  at_ms: number;
  reason: string;
  seen: boolean;
  role?: string | null;
}

/**
 * What was noticed of a candidate: `signal`, `count` times, the last time at `at_ms`; `size` is what the sizes of
 * these times add up to. Staff were alerted because of it `alerts` times, the last time at `alerted_at_ms`.
 */
export interface RowSignal {
  signal: string;
  count: number;
  size: number;
  at_ms: number;
  alerts: number;
  alerted_at_ms: number | null;
}

/** What one of the staff did: the kind of the record, when, and the milliseconds that it gave, if it gave some. */
export interface RowAct {
  kind: string;
  at_ms: number;
  ms: number | null;
}

/**
 * At `at_ms` she said of pictures from `source` (camera or screen) that she agrees, declined, or that her device is
 * unable to give them (`says`).
 */
export interface RowConsent {
  source: string;
  says: string;
  at_ms: number;
}

/**
 * One attempt as the monitor shows it. Of two rows the one with the greater (`seq`, `tick`) is newer.
 *
 * `connection` is online, offline, or unknown (its node has fallen silent). `message` tells how far the newest staff
 * message has come: queued, delivered, seen, or nil. `total` is 0 until the start, which decides on the paper. `tick`
 * counts what changes without a record. `lost_records` is 0 unless the database is older than what a device of this
 * candidate was told: by how many records. `link` is nil where the test's links open on any device; else unused, bound
 * (to a device), or released (the next new device binds it). `deadline_ms` and `left_ms` are the test's clock. `hand`
 * is raised, acknowledged, or nil. `section_id` is the open section, where sections are sat one after the other.
 * `admission` is waiting or admitted before the start of a test with a waiting room; else nil. `counts` says of a
 * cancelled attempt whether it is one of those that the candidate may have; else nil. `forgotten_since_ms`: since when
 * a pause has gone on that nobody has ended although the test is over; nil: none has. `accommodation` is nil
 * where nothing is granted. `pause_used_ms`: for how long lost connections have stopped her clock; nil: not at all.
 * `over_since_ms`: since when the time of a soft limit is over; nil: none is. `warnings` are the formal ones, oldest
 * first; nil: there is none. `pause` says why the clock of a paused attempt stands: staff (until they resume it),
 * connection (it was lost), return (staff have opened the attempt again), integrity (for what was noticed, until staff
 * resume it); those for the connection and the return end when the candidate is back.
 * `last_seen_ms` is when a node last heard of her, with every beat; nil: no node remembers. `heard_ms` is the last
 * sign of her that the log has: she may have been there for longer. `worked_ms`: when she last did something herself.
 * `ended_by_staff`: staff have collected the paper before its time was up; nil: they have not. `act` is what staff did
 * last to the attempt, nil: nothing. It is in force at once; her page has heard of it once she was heard of after it.
 * `late` is how many answers came after the end and wait for staff to decide; nil: none. `signals` are what was
 * noticed; nil: nothing. `consents` are what she has said of pictures from her camera or of her screen; nil:
 * nothing.
 */
export interface Row {
  attempt_id: string;
  seq: number;
  tick: number;
  user_id: string;
  name: string;
  attempt_number: number;
  status: string;
  connection: string;
  question_index: number;
  answered: number;
  flagged: number;
  total: number;
  started_at_ms: number | null;
  deadline_ms: number | null;
  left_ms: number | null;
  ended_at_ms: number | null;
  last_seen_ms: number | null;
  message: string | null;
  score_mpt: number | null;
  max_mpt: number | null;
  awaiting_marks: number;
  lost_records: number;
  link: string | null;
  hand?: string | null;
  section_id?: string | null;
  branch_id?: string | null;
  admission?: string | null;
  counts?: boolean | null;
  forgotten_since_ms?: number | null;
  accommodation?: RowAccommodation | null;
  pause_used_ms?: number | null;
  over_since_ms?: number | null;
  warnings?: FormalWarning[] | null;
  pause?: string | null;
  worked_ms?: number | null;
  heard_ms?: number | null;
  ended_by_staff?: boolean | null;
  act?: RowAct | null;
  late?: number | null;
  signals?: RowSignal[] | null;
  consents?: RowConsent[] | null;
}

/**
 * The answer to the `hello` of staff. `roster` messages follow. `protocol` and `capabilities` are as in a
 * candidate's `welcome`. `acts` are what this role may do: what a page does not find there it does not offer. The
 * names of commands are among them.
 */
export interface MonitorWelcome {
  t: "monitor_welcome";
  protocol: number;
  test_id: string;
  title: string;
  now_ms: number;
  heartbeat_ms: number;
  first_beat_ms: number;
  backoff_base_ms: number;
  backoff_cap_ms: number;
  capabilities: string[];
  acts: string[];
}

/** A complete picture in `parts` messages, numbered from 0. Rows that no part names have gone. */
export interface Roster {
  t: "roster";
  part: number;
  parts: number;
  rows: Row[];
}

/** Rows that have changed: at most one per attempt, the newest. */
export interface Rows {
  t: "rows";
  now_ms: number;
  rows: Row[];
}

/** A staff command is durable as record `seq` of the attempt. A repeated command was durable before. */
export interface CommandDone {
  t: "done";
  command_id: string;
  attempt_id: string;
  seq: number;
}

/**
 * How far an act on many attempts has come, whoever gave it. Of `total` attempts `done` have been served, and
 * `refused` could not be; `ended`: none waits any more. `GET /bulk/{bulk_id}` says what has become of each.
 */
export interface BulkProgress {
  t: "bulk";
  bulk_id: string;
  command: string;
  by: string;
  role: string;
  total: number;
  done: number;
  refused: number;
  ended: boolean;
}

/** A staff command was not accepted and changed nothing. */
export interface CommandRefused {
  t: "command_refused";
  command_id: string;
  attempt_id: string;
  code: string;
  detail: string;
  retry: string;
}

/**
 * Start the attempt: the clock runs from the moment the server records it. `access_code` is what the candidate
 * typed, where the test asks for a code; nil elsewhere. It is kept nowhere.
 */
export interface Start {
  t: "start";
  n: number;
  access_code: string | null;
  client_at_ms: number;
}

/**
 * The answer to one question, as it stands now; a later one replaces it.
 *
 * `position` is where the candidate is now, counted from 0; nil: unchanged. An answer by itself moves her nowhere,
 * but to a question with a limit whose clock has not begun.
 */
export interface Answer {
  t: "answer";
  n: number;
  question_id: string;
  value: Value;
  position: number | null;
  client_at_ms: number;
}

/** Mark a question to come back to, or take the mark away. */
export interface Flag {
  t: "flag";
  n: number;
  question_id: string;
  flagged: boolean;
  client_at_ms: number;
}

/** The candidate has moved to the question at this position, counted from 0. */
export interface Progress {
  t: "progress";
  n: number;
  question_index: number;
  client_at_ms: number;
}

/**
 * Enter the next section, in a test whose sections are sat one after the other. The one before closes for good, and
 * the candidate is at the first question of the new one, whose clock runs from the moment the server records it.
 */
export interface Enter {
  t: "enter";
  n: number;
  section_id: string;
  client_at_ms: number;
}

/** A message from staff has reached the page (`seen` false), or the candidate has dismissed it (`seen` true). */
export interface Receipt {
  t: "receipt";
  n: number;
  message_id: string;
  seen: boolean;
  client_at_ms: number;
}

/**
 * Ask for an invigilator (`raised` true), or take that back: until the attempt has ended, also while the clock
 * stands.
 */
export interface RaiseHand {
  t: "raise_hand";
  n: number;
  raised: boolean;
  client_at_ms: number;
}

/**
 * `says` agreed: the candidate agrees that her page takes a picture from `source` (camera or screen) every
 * `every_ms` while the test is sat, kept for `keep_days` (`welcome.watching.captures`). Declined: she does not, or no
 * longer does. Unable: her device can't give them. Until the attempt has ended, also while the clock stands.
 */
export interface GiveConsent {
  t: "give_consent";
  n: number;
  source: string;
  says: string;
  every_ms: number;
  keep_days: number;
  client_at_ms: number;
}

/**
 * The page has noticed something that the test watches for (`welcome.watching`): `signal`, `count` times since it
 * last said so. `size` is what the sizes of these times add up to: milliseconds, characters, or keystrokes that were
 * too fast. How long something lasted is known when it is over: `count` is 0 then. Of one signal the next is sent when
 * the one before is settled.
 */
export interface Observe {
  t: "observe";
  n: number;
  signal: string;
  count: number;
  size: number;
  client_at_ms: number;
}

/** Hand in. Answered by `ack` and `state`, or, where the attempt has already ended, by `state` alone. */
export interface Submit {
  t: "submit";
  n: number;
  client_at_ms: number;
}

/**
 * Settings of a candidate's page, nil: as she or her browser has them. `size` of the text is in percent; `spaced`:
 * room between letters, words and lines; `still`: nothing moves; `time_hidden`: until the last five minutes.
 */
export interface PageSettings {
  language?: string | null;
  theme?: string | null;
  size?: number | null;
  spaced?: boolean | null;
  still?: boolean | null;
  time_hidden?: boolean | null;
}

/**
 * Stop the clock of one attempt. `command_id` is chosen by the client: a repeated one is executed once.
 *
 * `seen_seq` is the number of the record that whoever gives the command has seen of the attempt, as its row says.
 * Where somebody else has acted on the attempt since, the command is refused with `acted_meanwhile`; nil or absent:
 * whatever others have done.
 */
export interface PauseAttempt {
  t: "pause";
  command_id: string;
  attempt_id: string;
  reason: string;
  seen_seq?: number | null;
}

/** Let the clock of a paused attempt run again. */
export interface ResumeAttempt {
  t: "resume";
  command_id: string;
  attempt_id: string;
  reason: string;
  seen_seq?: number | null;
}

/** Move the deadline of one attempt by `add_ms`. */
export interface ExtendAttempt {
  t: "extend";
  command_id: string;
  attempt_id: string;
  add_ms: number;
  reason: string;
  seen_seq?: number | null;
}

/** Send a message to one candidate. The row shows how far it has come: queued, delivered, seen. */
export interface MessageAttempt {
  t: "message";
  command_id: string;
  attempt_id: string;
  text: string;
}

/**
 * Give one candidate a formal warning, with a reason that she reads. It goes the way of a message, and is kept in
 * the record. A reason is required.
 */
export interface WarnAttempt {
  t: "warn";
  command_id: string;
  attempt_id: string;
  reason: string;
  seen_seq?: number | null;
}

/**
 * Collect the paper: the deadline is now, and the attempt expires after the grace. A reason is required, which is
 * kept in the record; the candidate is told what is `said`.
 */
export interface EndAttempt {
  t: "end";
  command_id: string;
  attempt_id: string;
  reason: string;
  seen_seq?: number | null;
  said?: string | null;
}

/**
 * Make one attempt void. `counts`: it still is one of those that the candidate may have. A reason is required,
 * which is kept in the record; the candidate is told what is `said`.
 */
export interface CancelAttempt {
  t: "cancel";
  command_id: string;
  attempt_id: string;
  counts: boolean;
  reason: string;
  seen_seq?: number | null;
  said?: string | null;
}

/**
 * Make a cancelled attempt, or one whose candidate was absent, what it was before. Its clocks have the time that
 * was left; `on_return`: they stand until she is there. A reason is required.
 */
export interface ReinstateAttempt {
  t: "reinstate";
  command_id: string;
  attempt_id: string;
  on_return: boolean;
  reason: string;
  seen_seq?: number | null;
}

/** Let a candidate in, in a test with a waiting room: until then she can't start. */
export interface AdmitAttempt {
  t: "admit";
  command_id: string;
  attempt_id: string;
  reason: string;
  seen_seq?: number | null;
}

/**
 * Let a candidate go on after the end, with `left_ms` on the clock; nil: without a limit, as the attempt had none.
 * `on_return`: the clock stands until she is there. A reason is required.
 */
export interface ReopenAttempt {
  t: "reopen";
  command_id: string;
  attempt_id: string;
  left_ms: number | null;
  reason: string;
  on_return: boolean;
  seen_seq?: number | null;
}

/**
 * Take what a candidate has abandoned as it stands: it is handed in, and marked. A reason is required, which is
 * kept in the record; the candidate is told what is `said`.
 */
export interface AcceptAttempt {
  t: "accept";
  command_id: string;
  attempt_id: string;
  reason: string;
  seen_seq?: number | null;
  said?: string | null;
}

/** Let one new device have an attempt whose link another device has bound. A reason is required. */
export interface AllowDevice {
  t: "allow_device";
  command_id: string;
  attempt_id: string;
  reason: string;
  seen_seq?: number | null;
}

/** Tell a candidate whose hand is up that she has been seen. The hand stays up until she lowers it. */
export interface AcknowledgeHand {
  t: "acknowledge_hand";
  command_id: string;
  attempt_id: string;
  reason: string;
  seen_seq?: number | null;
}

/**
 * Grant one candidate `extra_time_ms` on top of the test's duration, at this test, instead of what she had; nil:
 * put in force what she and her groups are granted. It counts before the start and after it. What would take time from
 * a running clock is refused unless it `may_shorten`.
 */
export interface AccommodateAttempt {
  t: "accommodate";
  command_id: string;
  attempt_id: string;
  extra_time_ms: number | null;
  reason: string;
  may_shorten: boolean;
  seen_seq?: number | null;
}

/**
 * Put the rules of the test's newest version in force for an attempt that has started. Its questions stay. What
 * would take time from a running clock is refused unless it `may_shorten`.
 */
export interface ApplyRules {
  t: "apply_rules";
  command_id: string;
  attempt_id: string;
  reason: string;
  may_shorten: boolean;
  seen_seq?: number | null;
}

/**
 * One clock. `scope` is what it limits: test, or the section or question whose id is `of` (nil for the test). In a
 * test whose limit is soft the clock of scope window tells until when it can be sat at all.
 *
 * `deadline_ms` is when the page locks what the clock limits, and `closes_at_ms` when the server stops accepting: both
 * nil while the clock stands. `left_ms` is set only while it stands. A `soft` clock closes nothing: `closes_at_ms` is
 * nil, and its deadline may have passed, or `over_ms` say for how long time was over when it was stopped.
 */
export interface ClockState {
  scope: string;
  of: string | null;
  deadline_ms: number | null;
  closes_at_ms: number | null;
  left_ms: number | null;
  soft?: boolean | null;
  over_ms?: number | null;
}

/**
 * What becomes of answers that a device still has at the end. `policy` is evidence (it sends them, within `for_ms`
 * after the end), or file (that, and it can save them in a file that staff bring). Staff decide whether they count.
 * `waiting` is how many of them wait for that; `counted` of them count, and `rejected` do not: all of this end's.
 */
export interface LateState {
  policy: string;
  for_ms: number;
  waiting: number;
  counted: number;
  rejected: number;
}

/**
 * The candidate was warned because of what was noticed: `times` times because of this signal, the last time at
 * `at_ms`.
 */
export interface SignalWarning {
  signal: string;
  times: number;
  at_ms: number;
}

/**
 * What the candidate has said last of pictures from `source` (camera or screen). `says` agreed: to one every
 * `every_ms`, kept for `keep_days`; declined: to none; unable: her device can't give them. It counts where the test
 * asks for just that (`welcome.watching.captures`).
 */
export interface ConsentState {
  source: string;
  says: string;
  every_ms: number;
  keep_days: number;
}

/**
 * What a candidate must know of the attempt and its clocks, after record `seq` of the log, whose hash is `head` (in
 * hexadecimal).
 *
 * `clocks` are those that were begun, the test's first: none before the start, after the end, and where nothing is
 * limited. `section_id` is the open section, in a test whose sections are sat one after the other; nil in every other
 * test, and between two sections. `closed_sections` and `closed_questions` take no answers any more. `ended_as` keeps
 * how it ended (submitted, expired, cancelled, absent, abandoned) when the marks are in and the status is `completed`;
 * `reference` identifies that end, and `said` is what staff told the candidate who ended it, perhaps nothing; nil:
 * staff did not. In `in_progress` it says that they have collected the paper, which ends when the test's clock closes.
 * `hand` is raised, acknowledged (staff have seen it), or nil. In a test with a minimum time nothing is handed in
 * before `hand_in_from_ms`, and the open section is not left before `leave_from_ms`; nil: at any time, and while the
 * clock stands nobody can tell. `hand_in_until_ms` is when the page locks handing in, where a test gives time for that
 * after the deadline; nil: it does not. For `may_stand_ms` a lost connection would stop the clock that runs now; nil:
 * it stops nothing. `late` is for what comes after the end; nil: this test takes nothing then. `paused_for` is the
 * signal because of which the clock stands until staff let it run; nil: it runs, or stands for something else.
 * `signal_warnings` are those that she was given because of what was noticed; nil: none.
 * `consents` are what she has said of pictures, one for each source; nil: nothing.
 */
export interface AttemptState {
  status: string;
  seq: number;
  head: string;
  started_at_ms: number | null;
  clocks: ClockState[];
  section_id: string | null;
  closed_sections: string[];
  closed_questions: string[];
  ended_at_ms: number | null;
  ended_as: string | null;
  reference: string | null;
  said: string | null;
  hand?: string | null;
  hand_in_from_ms?: number | null;
  leave_from_ms?: number | null;
  hand_in_until_ms?: number | null;
  may_stand_ms?: number | null;
  late?: LateState | null;
  paused_for?: string | null;
  signal_warnings?: SignalWarning[] | null;
  consents?: ConsentState[] | null;
}

/**
 * Why a candidate can't begin now: a refusal's code and its sentence. `from_ms` is the instant from which this no
 * longer holds; nil: nobody can tell.
 */
export interface Hindrance {
  code: string;
  detail: string;
  from_ms: number | null;
}

/**
 * A section of the paper, told before the start. `limit_ms` is the time that the candidate has for it; nil: no
 * limit of its own. `min_ms` is the time for which she stays in it at least.
 */
export interface Part {
  title: string;
  question_total: number;
  limit_ms: number | null;
  min_ms?: number | null;
}

/**
 * Rules of time that a candidate should know before she starts. `min_time_ms` is the time that must pass before she
 * may hand in; nil: none. `at_end` says what becomes of a test that is not handed in when time is up: submit,
 * hand_in (for `hand_in_ms` it can still be handed in) or abandon. `synchronised`: the time counts from the opening of
 * the window. `soft`: the end of the duration closes nothing.
 */
export interface Timing {
  min_time_ms: number | null;
  at_end: string;
  hand_in_ms: number;
  synchronised: boolean;
  soft: boolean;
}

/**
 * What is noticed while she sits, and from which time on she is warned, staff are alerted, and her clock stands
 * until they let it run; nil: never.
 */
export interface WatchedSignal {
  signal: string;
  warn_from: number | null;
  alert_from: number | null;
  pause_from: number | null;
}

/**
 * Her page takes a picture from `source` every `every_ms` while she sits, if she agrees; it is kept for
 * `keep_days`. `source` is camera, or screen: the screen that she shares, where `whole_screen` all of it and no window
 * or tab alone. `asks` is offered; required: nobody begins without having agreed; or if_able: nor without having said
 * that her device can't.
 */
export interface CaptureAsked {
  source: string;
  asks: string;
  every_ms: number;
  keep_days: number;
  whole_screen: boolean;
}

/**
 * All that is noticed of this candidate, which she is told before she starts. A page notices nothing else.
 * `full_screen`: her page asks for the whole screen. `captures` are pictures that it
 * takes if she agrees.
 */
export interface Watching {
  signals: WatchedSignal[];
  full_screen: boolean;
  captures: CaptureAsked[];
}

/** An answer the server holds: the client number that brought it, and when it was accepted. */
export interface SavedAnswer {
  question_id: string;
  value: Value;
  n: number;
  saved_at_ms: number;
}

export type Operation =
  | Start
  | Answer
  | Flag
  | Progress
  | Enter
  | Receipt
  | RaiseHand
  | GiveConsent
  | Observe
  | Submit;

export type StaffCommand =
  | PauseAttempt
  | ResumeAttempt
  | ExtendAttempt
  | MessageAttempt
  | WarnAttempt
  | EndAttempt
  | CancelAttempt
  | ReinstateAttempt
  | AdmitAttempt
  | ReopenAttempt
  | AcceptAttempt
  | AllowDevice
  | AcknowledgeHand
  | AccommodateAttempt
  | ApplyRules;

export type FromCandidate =
  | Hello
  | Beat
  | Renew
  | Start
  | Answer
  | Flag
  | Progress
  | Enter
  | Receipt
  | RaiseHand
  | GiveConsent
  | Observe
  | Submit;

export type ToCandidate =
  | Welcome
  | Echo
  | Ack
  | RefusedOp
  | StatePush
  | Offer
  | TimeWarning
  | StaffMessage
  | TokenExpiring
  | Renewed
  | Goodbye;

export type FromInstructor =
  | MonitorHello
  | Beat
  | Renew
  | PauseAttempt
  | ResumeAttempt
  | ExtendAttempt
  | MessageAttempt
  | WarnAttempt
  | EndAttempt
  | CancelAttempt
  | ReinstateAttempt
  | AdmitAttempt
  | ReopenAttempt
  | AcceptAttempt
  | AllowDevice
  | AcknowledgeHand
  | AccommodateAttempt
  | ApplyRules;

export type ToInstructor =
  | MonitorWelcome
  | Echo
  | Roster
  | Rows
  | CommandDone
  | CommandRefused
  | BulkProgress
  | RefusedOp
  | TokenExpiring
  | Renewed
  | Goodbye;

/** Whether staff must give a reason for this command. */
export const REASON_REQUIRED: Readonly<Record<StaffCommand["t"], boolean>> = {
  pause: false,
  resume: false,
  extend: false,
  message: false,
  warn: true,
  end: true,
  cancel: true,
  reinstate: true,
  admit: false,
  reopen: true,
  accept: true,
  allow_device: true,
  acknowledge_hand: false,
  accommodate: false,
  apply_rules: false,
};

/** The fields of each message in the order of the wire; the tag `t` goes before them. */
export const FIELDS = {
  hello: ["protocol", "token", "client", "oldest_protocol", "capabilities", "device", "connect_n", "takeover", "seen_seq", "seen_head"],
  staff_message: ["message_id", "text", "sent_at_ms", "formal"],
  warning: ["left_ms", "deadline_ms", "scope", "of"],
  welcome: ["protocol", "attempt_id", "test_id", "title", "candidate_name", "instructions", "duration_ms", "warnings_ms", "pauses_on_disconnect", "connection_id", "now_ms", "heartbeat_ms", "first_beat_ms", "backoff_base_ms", "backoff_cap_ms", "last_n", "question_total", "question_index", "state", "lost_records", "answers", "flagged", "unseen", "warning", "capabilities", "extra_time_ms", "parts", "opens_at_ms", "closes_at_ms", "hindrances", "gaps", "order", "restored", "timing", "watching", "page"],
  offer: ["title", "instructions", "duration_ms", "warnings_ms", "pauses_on_disconnect", "question_total", "extra_time_ms", "parts", "opens_at_ms", "closes_at_ms", "hindrances", "gaps", "order", "timing", "watching", "page"],
  ack: ["n", "seq", "committed_at_ms", "head"],
  state: ["now_ms", "state"],
  beat: ["t0_ms"],
  renew: ["token"],
  token_expiring: ["expires_at_ms"],
  renewed: ["expires_at_ms"],
  echo: ["t0_ms", "t1_ms", "t2_ms"],
  refused: ["n", "code", "detail", "retry"],
  goodbye: ["code", "detail", "after_ms"],
  monitor_welcome: ["protocol", "test_id", "title", "now_ms", "heartbeat_ms", "first_beat_ms", "backoff_base_ms", "backoff_cap_ms", "capabilities", "acts"],
  roster: ["part", "parts", "rows"],
  rows: ["now_ms", "rows"],
  done: ["command_id", "attempt_id", "seq"],
  bulk: ["bulk_id", "command", "by", "role", "total", "done", "refused", "ended"],
  command_refused: ["command_id", "attempt_id", "code", "detail", "retry"],
  start: ["n", "access_code", "client_at_ms"],
  answer: ["n", "question_id", "value", "position", "client_at_ms"],
  flag: ["n", "question_id", "flagged", "client_at_ms"],
  progress: ["n", "question_index", "client_at_ms"],
  enter: ["n", "section_id", "client_at_ms"],
  receipt: ["n", "message_id", "seen", "client_at_ms"],
  raise_hand: ["n", "raised", "client_at_ms"],
  give_consent: ["n", "source", "says", "every_ms", "keep_days", "client_at_ms"],
  observe: ["n", "signal", "count", "size", "client_at_ms"],
  submit: ["n", "client_at_ms"],
  pause: ["command_id", "attempt_id", "reason", "seen_seq"],
  resume: ["command_id", "attempt_id", "reason", "seen_seq"],
  extend: ["command_id", "attempt_id", "add_ms", "reason", "seen_seq"],
  message: ["command_id", "attempt_id", "text"],
  warn: ["command_id", "attempt_id", "reason", "seen_seq"],
  end: ["command_id", "attempt_id", "reason", "seen_seq", "said"],
  cancel: ["command_id", "attempt_id", "counts", "reason", "seen_seq", "said"],
  reinstate: ["command_id", "attempt_id", "on_return", "reason", "seen_seq"],
  admit: ["command_id", "attempt_id", "reason", "seen_seq"],
  reopen: ["command_id", "attempt_id", "left_ms", "reason", "on_return", "seen_seq"],
  accept: ["command_id", "attempt_id", "reason", "seen_seq", "said"],
  allow_device: ["command_id", "attempt_id", "reason", "seen_seq"],
  acknowledge_hand: ["command_id", "attempt_id", "reason", "seen_seq"],
  accommodate: ["command_id", "attempt_id", "extra_time_ms", "reason", "may_shorten", "seen_seq"],
  apply_rules: ["command_id", "attempt_id", "reason", "may_shorten", "seen_seq"],
} as const;

/** Two messages share these tags, one in each direction: the shorter one has so many of the fields. */
export const SHORTER: Readonly<Record<string, number>> = {"hello": 5};
