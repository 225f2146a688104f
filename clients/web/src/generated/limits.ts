// Generated from protocol/limits.py by `python -m clients.generate`. Do not edit.

/** Spoken in `hello` and `welcome`; it changes only when an old client would misread a new server. */
export const PROTOCOL_VERSION = 1;

/** The largest integer that JavaScript's numbers carry exactly. */
export const MAX_INT = 9007199254740991;

/** One message from a client. The longest answer (16,000 characters of four bytes each) just fits. */
export const MAX_FRAME_BYTES = 65536;

/** Maps and arrays inside one another. The deepest message a client may send (`answer` with a list) has two. */
export const MAX_DEPTH = 4;

/** An essay of about 2,500 words; a question may ask for less. */
export const MAX_ANSWER_CHARS = 16000;

/** Options chosen in one answer; also the most options that one question may have. */
export const MAX_ANSWER_OPTIONS = 64;

/** A JWT with every claim an identity provider likes to add; a longer one is no token of ours. */
export const MAX_TOKEN_BYTES = 8192;

/** Identifiers of tests, questions, users, organisations, and command ids. */
export const MAX_ID_CHARS = 128;

/** The name that people see of a candidate. Longer ones, of a token that an identity provider made, are cut. */
export const MAX_NAME_CHARS = 200;

/** A message from an invigilator, or the reason of a command. */
export const MAX_TEXT_CHARS = 2000;

/**
 * Operations that a client keeps on the wire without an answer: more would only be sent again after a lost connection.
 * The client keeps this rule by itself.
 */
export const SEND_WINDOW = 64;

/**
 * Accepted operations of one attempt; a `submit` always passes. An essay saved every second for three hours takes
 * 10,800.
 */
export const MAX_OPERATIONS = 20000;

/** Staff commands on one attempt: each id is kept, so that a repeated one is executed once. */
export const MAX_STAFF_COMMANDS = 1000;

/** Messages from staff to one candidate. */
export const MAX_MESSAGES = 100;

/** Visited questions that are kept in memory and in the projection; the log has all of them. */
export const MAX_HISTORY = 256;

/** Questions in one test. */
export const MAX_QUESTIONS = 1000;

/** One test as JSON over REST. */
export const MAX_TEST_BYTES = 4194304;

/** Any other REST body: 64 answers of ordinary length; long essays go one by one. */
export const MAX_REST_BODY_BYTES = 262144;

/** Operations in one REST call: as many as a client may have unacknowledged. */
export const MAX_REST_OPERATIONS = 64;

/** One extension by staff; a mistyped hour for a minute must not become a week. */
export const MAX_EXTENSION_MS = 86400000;

/** A take-home test may run for weeks; more than a year is a mistake in units. */
export const MAX_DURATION_MS = 31622400000;

/** A socket that has not said who it is holds a place that a candidate may need. */
export const HELLO_TIMEOUT_MS = 5000;

/** How long before the end of its token a connection is told: enough for a person to sign in again. */
export const TOKEN_EXPIRING_MS = 300000;

/** How far the clock of whoever made a token may be ahead of the server's: for its `iat` and `nbf`. */
export const TOKEN_LEEWAY_MS = 60000;

/** The interval the server asks for; mobile radios and proxies drop a silent connection after 30–60 s. */
export const HEARTBEAT_MS = 10000;

/** Intervals without a byte from the client, after which its connection counts as lost. */
export const MISSED_BEATS = 3;

/** The first reconnect waits up to this long; it doubles from there. */
export const RECONNECT_BASE_MS = 500;

/** No candidate waits longer than this between two tries. */
export const RECONNECT_CAP_MS = 15000;

/** Messages waiting for one slow socket; then it is closed, and comes back with a fresh view. */
export const OUTBOX_MESSAGES = 256;

/** Bytes waiting for one slow socket: several rosters of 10,000 rows. */
export const OUTBOX_BYTES = 8388608;

/** Messages a second that one connection may send for long; a fast typist with autosave sends two. */
export const RATE_PER_SECOND = 50;

/** Messages at once: a reconnecting page sends what it kept, in windows of 64. */
export const RATE_BURST = 250;

/** Refusals for malformed or too frequent messages, after which the connection is closed. */
export const MAX_STRIKES = 20;
