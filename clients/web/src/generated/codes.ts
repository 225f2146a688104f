// Generated from protocol/codes.py by `python -m clients.generate`. Do not edit.

/** What to do with a refused operation. */
export type Retry = "never" | "later" | "reload";

/** One refusal: its HTTP status, what to do with the operation, and a sentence for people. */
export interface Rule {
  http: number;
  retry: Retry;
  sentence: string;
}

export const REFUSALS = {
  malformed: { http: 400, retry: "never", sentence: "This message could not be read." },
  trailing_bytes: { http: 400, retry: "never", sentence: "There are bytes after the end of the message." },
  too_large: { http: 413, retry: "never", sentence: "This message is too large." },
  too_deep: { http: 400, retry: "never", sentence: "This message is nested too deeply." },
  unknown_message: { http: 400, retry: "never", sentence: "The server does not know this kind of message." },
  unknown_field: { http: 400, retry: "never", sentence: "This message has a field that does not belong to it." },
  missing_field: { http: 400, retry: "never", sentence: "A field of this message is missing." },
  wrong_type: { http: 400, retry: "never", sentence: "A field of this message has the wrong type." },
  out_of_range: { http: 422, retry: "never", sentence: "A value in this message is out of range." },
  unsupported_protocol: { http: 400, retry: "never", sentence: "This page or program is too old for this server. Reload the page, or update the program." },
  not_expected: { http: 400, retry: "never", sentence: "This message was not expected at this point." },
  token_missing: { http: 401, retry: "never", sentence: "You are not signed in: the token is missing. Open your link again." },
  token_late: { http: 401, retry: "later", sentence: "The connection took too long to sign in. Please try again." },
  token_invalid: { http: 401, retry: "never", sentence: "This link or token is not valid here. Open the whole link again, or ask for a new one." },
  token_expired: { http: 401, retry: "later", sentence: "This link or token has expired. Please sign in again, or ask for a new one." },
  token_revoked: { http: 401, retry: "never", sentence: "This link or token has been withdrawn; please ask for a new one." },
  forbidden_origin: { http: 403, retry: "never", sentence: "This web page may not connect to this server. Open the link that you were given." },
  forbidden: { http: 403, retry: "never", sentence: "This link or token is for another role, which does not allow this." },
  not_found: { http: 404, retry: "never", sentence: "We can't find this test. Check the link, or ask your invigilator." },
  method_not_allowed: { http: 405, retry: "never", sentence: "This address does not offer that method." },
  wrong_cursor: { http: 422, retry: "never", sentence: "This list can't be continued there: the page before was one of another list. Begin it anew." },
  invalid_id: { http: 422, retry: "never", sentence: "This id can't be used." },
  invalid_test: { http: 422, retry: "never", sentence: "This test has a mistake." },
  invalid_media: { http: 422, retry: "never", sentence: "This file can't be used in a test." },
  media_full: { http: 409, retry: "never", sentence: "The files of this organisation take all the room that they may have. Ask who runs the server." },
  unknown_form: { http: 422, retry: "never", sentence: "The test has no such form." },
  form_choice: { http: 403, retry: "never", sentence: "The form of this test is chosen by staff. Open the link that you were given." },
  not_active: { http: 409, retry: "later", sentence: "This test is switched off at the moment: nobody can begin it. Ask your invigilator." },
  not_enrolled: { http: 409, retry: "later", sentence: "You are not enrolled for this test. If that is wrong, ask the person who runs it." },
  attempt_limit: { http: 409, retry: "never", sentence: "You have taken this test as often as it may be taken. If that is wrong, ask your invigilator." },
  attempt_delay: { http: 409, retry: "later", sentence: "Some time must pass between two attempts at this test. Please come back later." },
  not_open_yet: { http: 409, retry: "later", sentence: "The test is not open yet. Please try again when it opens." },
  window_closed: { http: 409, retry: "never", sentence: "The time in which this test could be started is over. Ask your invigilator." },
  waiting: { http: 409, retry: "later", sentence: "You wait to be let in by your invigilator. Stay on this page: it goes on by itself." },
  wrong_address: { http: 409, retry: "later", sentence: "This test can't be started from the network that you are in. Go to the place of the exam, or ask your invigilator." },
  code_required: { http: 409, retry: "never", sentence: "This test is started with an access code. Ask your invigilator for it." },
  wrong_code: { http: 409, retry: "never", sentence: "This access code is wrong. Check it, and type it again." },
  link_used: { http: 409, retry: "never", sentence: "This link was opened on another device. Go on there, or ask your invigilator to allow this device." },
  link_open: { http: 409, retry: "never", sentence: "The links of this test open on any device: there is none to allow." },
  not_waiting: { http: 409, retry: "never", sentence: "Nobody waits here: the candidate has been let in, or the test has no waiting room." },
  not_cancelled: { http: 409, retry: "never", sentence: "This attempt has not been cancelled: there is nothing to reinstate." },
  attempt_open: { http: 409, retry: "never", sentence: "The candidate has another attempt at this test that has not ended. End or cancel that first." },
  no_hand: { http: 409, retry: "never", sentence: "No hand is up that nobody has seen yet." },
  not_started: { http: 409, retry: "reload", sentence: "The attempt has not been started. Start it first." },
  already_started: { http: 409, retry: "reload", sentence: "The attempt has already been started." },
  paused: { http: 409, retry: "later", sentence: "The attempt is paused; the clock stands. Wait until it goes on." },
  not_paused: { http: 409, retry: "reload", sentence: "The attempt is not paused." },
  deadline_passed: { http: 409, retry: "never", sentence: "Time is up. What was saved before counts; nothing more can be saved." },
  already_submitted: { http: 409, retry: "never", sentence: "The attempt has been handed in. Nothing more can be changed." },
  cancelled: { http: 409, retry: "never", sentence: "The attempt has been cancelled. Ask your invigilator what to do now." },
  absent: { http: 409, retry: "never", sentence: "The test closed before it was started here. If that is wrong, ask your invigilator." },
  abandoned: { http: 409, retry: "never", sentence: "Time is up, and the test was not handed in. What was saved is kept; ask your invigilator whether it counts." },
  not_abandoned: { http: 409, retry: "never", sentence: "This attempt was not abandoned: there is nothing to accept." },
  late_not_taken: { http: 409, retry: "never", sentence: "Time is up, and this test takes no answers after its end. They stay on the device: ask your invigilator." },
  sealed_late: { http: 409, retry: "never", sentence: "By the device's own clock this answer was given after the end. Nothing of it was taken." },
  unknown_late: { http: 404, retry: "reload", sentence: "There are no such late answers, or they came after an end that was taken back." },
  late_decided: { http: 409, retry: "reload", sentence: "Somebody has decided about these answers already. Look again." },
  answer_file_known: { http: 409, retry: "never", sentence: "What this file has is there already. Nothing was changed." },
  not_ended: { http: 409, retry: "later", sentence: "The attempt has not ended yet." },
  not_ready: { http: 409, retry: "later", sentence: "The result is not ready yet. Please come back later." },
  result_hidden: { http: 403, retry: "never", sentence: "The result of this test is not shown here. Ask the person who runs the test." },
  not_released: { http: 409, retry: "later", sentence: "The results of this test have not been released yet." },
  questions_differ: { http: 409, retry: "never", sentence: "This version of the test has other questions than those that were sat. Keys can change, questions can't." },
  erased: { http: 410, retry: "never", sentence: "What was personal in this attempt has been erased. Lists and statistics keep its numbers." },
  under_way: { http: 409, retry: "later", sentence: "This person sits an exam now. Wait until it has ended, or end or cancel the attempt; then erase again." },
  reason_required: { http: 422, retry: "never", sentence: "Please give a reason; it is kept in the record." },
  no_deadline: { http: 409, retry: "never", sentence: "This attempt has no deadline to move." },
  collected: { http: 409, retry: "never", sentence: "Staff have collected the paper; what is on the wire still arrives." },
  too_early: { http: 409, retry: "never", sentence: "It is too early for this: a part of the time must pass first." },
  would_shorten: { http: 409, retry: "never", sentence: "This would take time from a candidate whose clock runs." },
  invalid_override: { http: 422, retry: "never", sentence: "What is granted makes no sense." },
  invalid_roster: { http: 422, retry: "never", sentence: "The roster has mistakes. Nothing of it was imported." },
  nobody_fits: { http: 422, retry: "never", sentence: "No attempt fits that at the moment, so nothing was done." },
  invalid_subscription: { http: 422, retry: "never", sentence: "Nobody can be told of events like that." },
  subscriptions_full: { http: 409, retry: "never", sentence: "The organisation has as many subscriptions as it may have. Remove one first." },
  events_gone: { http: 410, retry: "never", sentence: "Events behind this cursor are not kept any more. Read what you need anew, then go on without a cursor." },
  unknown_section: { http: 422, retry: "never", sentence: "The test has no such section. Reload the page." },
  section_closed: { http: 409, retry: "never", sentence: "This section is closed. What was saved before counts; nothing in it can be changed any more." },
  section_order: { http: 409, retry: "never", sentence: "The sections are entered in their order, each of them once." },
  section_not_open: { http: 409, retry: "never", sentence: "This section is not open yet. Enter it first." },
  question_closed: { http: 409, retry: "never", sentence: "The time for this question is up. What was saved before counts; go on with another question." },
  gaps: { http: 409, retry: "never", sentence: "Some questions must be answered first." },
  unknown_question: { http: 422, retry: "never", sentence: "The test has no such question. Reload the page." },
  wrong_answer_type: { http: 422, retry: "never", sentence: "This kind of answer does not fit the question. Reload the page, and answer it again." },
  unknown_option: { http: 422, retry: "never", sentence: "The question has no such option. Reload the page, and answer it again." },
  unknown_part: { http: 422, retry: "never", sentence: "The question has no such part. Reload the page, and answer it again." },
  too_many_choices: { http: 422, retry: "never", sentence: "More was chosen than this question allows. Take something away." },
  answer_too_long: { http: 422, retry: "never", sentence: "This answer is too long to be saved. Make it shorter." },
  unknown_message_id: { http: 422, retry: "never", sentence: "There is no such message." },
  wrong_mark: { http: 422, retry: "never", sentence: "This mark does not fit the question." },
  marks_final: { http: 409, retry: "never", sentence: "The marks of this attempt are complete. To correct one, give a reason." },
  claimed: { http: 409, retry: "later", sentence: "Somebody else has this answer in hand at the moment." },
  number_reused: { http: 409, retry: "never", sentence: "This was changed in another window or on another device. Look at it again." },
  number_skipped: { http: 409, retry: "reload", sentence: "A later operation was accepted first." },
  too_many_operations: { http: 409, retry: "never", sentence: "This attempt has had as many changes as it can keep. What is saved counts, and you can still hand in." },
  command_reused: { http: 409, retry: "never", sentence: "This command's id was used for another command." },
  acted_meanwhile: { http: 409, retry: "never", sentence: "Somebody else has acted on this attempt since you looked. Look at it, then decide again." },
  too_late: { http: 409, retry: "never", sentence: "This came too late, and was not done: the connection was down. Look again, then decide again." },
  invalid_idempotency_key: { http: 400, retry: "never", sentence: "An idempotency key has 1 to 255 printable characters of ASCII, and a call has one of them." },
  idempotency_key_reused: { http: 422, retry: "never", sentence: "This idempotency key was used for another call. Give each call a key of its own." },
  idempotency_key_in_use: { http: 409, retry: "later", sentence: "The first call with this idempotency key is still under way. Ask again in a moment." },
  outcome_unknown: { http: 409, retry: "never", sentence: "The server could not finish the first call with this idempotency key, and does not know whether it was carried out. Look, and call again with another key if it was not." },
  answer_gone: { http: 409, retry: "never", sentence: "The call with this idempotency key was carried out before. Its answer is not kept any more: it was too long, or somebody was erased meanwhile." },
  connection_exists: { http: 409, retry: "never", sentence: "The attempt is open in another window or on another device. Go on there; or close it there and open it here." },
  superseded: { http: 409, retry: "later", sentence: "The attempt was opened in another window or on another device. Go on there, or open it here again." },
  rate_limited: { http: 429, retry: "later", sentence: "Too many messages in a short time. Wait a moment, then try again." },
  overloaded: { http: 503, retry: "later", sentence: "The server is busy; please try again shortly." },
  draining: { http: 503, retry: "later", sentence: "The server is restarting; please try again shortly." },
  newer_log: { http: 503, retry: "later", sentence: "The servers are being replaced, and this one is older than your attempt. Please try again." },
  upgrade_under_way: { http: 503, retry: "later", sentence: "The servers are being replaced. This is possible when all of them are new: please try again in some minutes." },
  storage_unavailable: { http: 503, retry: "later", sentence: "The server cannot save at the moment; your work is kept here." },
  internal: { http: 500, retry: "later", sentence: "Something went wrong on the server. Please try again; if this goes on, tell your invigilator." },
} as const satisfies Record<string, Rule>;

/** The name of a refusal. Stable: a name never changes its meaning. */
export type Code = keyof typeof REFUSALS;

/** Why the server closed a socket. */
export const CLOSE = {
  NORMAL: 1000,
  GOING_AWAY: 1001,
  TOO_LARGE: 1009,
  RESTART: 1012,
  TRY_AGAIN: 4000,
  SLOW_CONSUMER: 4001,
  HEARTBEAT_LOST: 4002,
  INTERNAL: 4003,
  HELLO_LATE: 4004,
  STORAGE_UNAVAILABLE: 4005,
  TOKEN_EXPIRED: 4100,
  TOKEN_INVALID: 4500,
  FORBIDDEN: 4501,
  NOT_FOUND: 4502,
  SUPERSEDED: 4503,
  PROTOCOL_ERROR: 4504,
  CONNECTION_EXISTS: 4506,
  LINK_USED: 4507,
} as const;

/** What each close means, for people. */
export const CLOSES: Readonly<Record<number, string>> = {
  1000: "The connection is no longer needed.",
  1001: "The server is going away; come back shortly.",
  1009: "A message was larger than 128 KiB: too large even to be refused by name.",
  1012: "The server is restarting; come back shortly.",
  4000: "The server leaves, is too busy, or is too old for the attempt: come back when `goodbye` says.",
  4001: "The connection was too slow to take what the server had to tell.",
  4002: "Nothing was heard for several heartbeats.",
  4003: "Something went wrong on the server.",
  4004: "No `hello` came within the time allowed (the refusal `token_late`).",
  4005: "The server cannot save at the moment.",
  4100: "The token has expired.",
  4500: "The token is missing, withdrawn, or not valid here.",
  4501: "The token's role may not use this socket.",
  4502: "There is no such attempt or test for this token.",
  4503: "The attempt was opened in another window or on another device.",
  4504: "Too many unreadable messages, or too many pieces; no `hello` first; or no common version.",
  4506: "The attempt is open elsewhere, and the test allows one connection.",
  4507: "The link was opened on another device. Staff have to allow a new one.",
};

/** What a client does after a close. */
export type Reconnect = "backoff" | "fresh_token" | "never";

const RECONNECT: readonly (readonly [number, number, Reconnect])[] = [
  [1000, 1000, "never"],
  [1009, 1009, "never"],
  [4100, 4199, "fresh_token"],
  [4500, 4599, "never"],
];

/** What a client does after a close with this code; codes that are not ours (1006, 1012…) mean back-off. */
export function reconnectRule(closeCode: number): Reconnect {
  const range = RECONNECT.find(([first, last]) => first <= closeCode && closeCode <= last);
  return range?.[2] ?? "backoff";
}
