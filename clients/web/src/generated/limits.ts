// Generated from protocol/limits.py by `python -m clients.generate`. Do not edit.

/** The newest version that is spoken here, with clients and between nodes. See `protocol/since.py`. */
export const PROTOCOL_VERSION = 1;

/** The oldest version that is still spoken. Before it is raised, a whole release has offered both. */
export const OLDEST_PROTOCOL_VERSION = 1;

/** Names that a `hello` may offer. */
export const MAX_CAPABILITIES = 32;

/** The largest integer that JavaScript's numbers carry exactly. */
export const MAX_INT = 9007199254740991;

/**
 * The last millisecond of the year 9999, with which ISO 8601 ends. Staff and authors name none after it, so that the
 * longest times can be added to one.
 */
export const MAX_INSTANT_MS = 253402300799999;

/** One message from a client. The longest answer (16,000 characters of four bytes each) just fits. */
export const MAX_FRAME_BYTES = 65536;

/**
 * One message that is read to its end. Over `MAX_FRAME_BYTES` it is refused by name, and the connection stays. A larger
 * one ends the connection.
 */
export const MAX_READ_BYTES = 131072;

/** Maps and arrays inside one another. The deepest one that a client sends (`answer`: pairs in a record) has four. */
export const MAX_DEPTH = 4;

/** An essay of about 2,500 words; a question may ask for less. */
export const MAX_ANSWER_CHARS = 16000;

/** Options chosen in one answer; also the most options that one question may have. */
export const MAX_ANSWER_OPTIONS = 64;

/** One file that is handed in: a film of two minutes, or thirty pages that were scanned. */
export const MAX_ANSWER_FILE_BYTES = 10485760;

/** Files handed in with one attempt, with those that were replaced. */
export const MAX_ANSWER_FILES = 60;

/** A JWT with every claim an identity provider likes to add; a longer one is no token of ours. */
export const MAX_TOKEN_BYTES = 8192;

/** Units of one side of a picture. */
export const MAX_PICTURE_SIDE = 100000;

/** Identifiers of tests, questions, users, organisations, and command ids. */
export const MAX_ID_CHARS = 128;

/** The name that people see of a candidate. Longer ones, of a token that an identity provider made, are cut. */
export const MAX_NAME_CHARS = 200;

/** An access code, as it is typed. */
export const MAX_CODE_CHARS = 64;

/** Ranges of addresses from which a test may be started. */
export const MAX_ADDRESS_RANGES = 100;

/**
 * How long a pause that nobody has ended may go on after the window has closed, where the test does not say otherwise:
 * staff see it in the meantime.
 */
export const PAUSE_GRACE_MS = 1800000;

/** A message from an invigilator, or the reason of a command. */
export const MAX_TEXT_CHARS = 2000;

/**
 * Operations that a client keeps on the wire without an answer: more would only be sent again after a lost connection.
 * The client keeps this rule by itself.
 */
export const SEND_WINDOW = 64;

/**
 * Refusals as `internal` after which a client says that something is not saved: with the back-off half a minute or so.
 * What else went wrong in the server is over by then.
 */
export const INTERNAL_TRIES = 8;

/**
 * Accepted operations of one attempt; a `submit` always passes. An essay saved every second for three hours takes
 * 10,800.
 */
export const MAX_OPERATIONS = 20000;

/**
 * Newest operations of an attempt whose repetition is recognised in memory; what is older is looked for in the log. A
 * client sends again what it has no answer to: one window at most.
 */
export const KEPT_DIGESTS = 64;

/**
 * Records of what the page of one attempt has noticed: eleven a minute for three hours. Each may stand for many
 * times.
 */
export const MAX_OBSERVATIONS = 2000;

/**
 * As many of them are kept within a minute: a window that flaps fills no log. A page sums up what it notices and sends
 * each signal every ten seconds at most.
 */
export const OBSERVATIONS_PER_MINUTE = 30;

/**
 * Records of each signal that the server sees for itself in one attempt. Each stands beside a connection or an answer,
 * which have their own limits.
 */
export const MAX_SEEN_HERE = 500;

/** Pictures of a candidate or her screen come no faster than this: six a minute show who sits there, and are no film. */
export const CAPTURE_EVERY_LEAST_MS = 10000;

/** Nor slower: less than six an hour show nothing. */
export const CAPTURE_EVERY_MOST_MS = 600000;

/** For how long such pictures are kept at most. */
export const MAX_CAPTURED_DAYS = 365;

/** One such picture: nearly seven bits for each of 320 × 240 pixels, one for each of 960 × 540. */
export const MAX_CAPTURED_BYTES = 65536;

/**
 * Pixels of the longer side of one from the camera: enough to see who sits there, too few to read what lies on the
 * table.
 */
export const MAX_CAMERA_SIDE = 320;

/**
 * The same of the screen, half of a common one: enough to tell which programs and pages are open. In 320 nothing can be
 * told.
 */
export const MAX_SCREEN_SIDE = 960;

/** Pictures of one attempt from one source: five and a half hours, one every ten seconds. */
export const MAX_CAPTURED_PICTURES = 2000;

/** Pictures that staff are shown at once. Each such look is an entry of the audit log. */
export const CAPTURED_PICTURES_SHOWN = 12;

/** From the so-manieth time on something follows from what is noticed. */
export const MAX_WATCHED_TIMES = 1000;

/** Signals that one test watches for: more than there are. */
export const MAX_WATCHES = 32;

/**
 * Staff commands on one attempt: each id is kept, so that a repeated one is executed once. `end`, `cancel`, `resume`,
 * `reopen` and `allow_device` always pass.
 */
export const MAX_STAFF_COMMANDS = 1000;

/** Messages from staff to one candidate. */
export const MAX_MESSAGES = 100;

/** Pieces of late answers of one attempt: a device sends all that it has in one, and once more when a call was lost. */
export const MAX_LATE = 32;

/** One of them, over REST or in a file: an hour's essays. */
export const MAX_LATE_BYTES = 1048576;

/** Visited questions that are kept in memory and in the projection; the log has all of them. */
export const MAX_HISTORY = 256;

/** Questions in one test. */
export const MAX_QUESTIONS = 1000;

/** Sections in one test. */
export const MAX_SECTIONS = 100;

/** Interactions in one question: things to choose, to type, to order. */
export const MAX_INTERACTIONS = 50;

/** Passages to look at beside every question, each a button on the page. */
export const MAX_EXHIBITS = 20;

/** Passages in one test. */
export const MAX_PASSAGES = 200;

/** Tags of one question. */
export const MAX_TAGS = 20;

/** Criteria of one rubric. */
export const MAX_CRITERIA = 20;

/** Levels of one criterion. */
export const MAX_LEVELS = 12;

/** Candidates who typed the same before a report tells of it: what fewer wrote may name one of them. */
export const MIN_TYPED_ALIKE = 5;

/** Typed answers to one interaction in a report: what is given more seldom says little. */
export const MAX_TYPED_TOLD = 10;

/** Of a signed confirmation. */
export const MAX_CONFIRMATION_CHARS = 16000;

/** Skills that one test names. */
export const MAX_SKILLS = 50;

/** The share of the points of a skill that is the goal, where nobody says another. */
export const GOAL_PERMILLE = 700;

/** Attempts of a person from which her skills are known: the newest. */
export const MAX_SKILLS_ATTEMPTS = 50;

/** Grades of one test. */
export const MAX_GRADES = 50;

/** Texts of one question that depend on its marks. */
export const MAX_SCORE_FEEDBACK = 20;

/** One exam file over REST: a package with its pictures. Larger ones are brought by the command line. */
export const MAX_IMPORT_BYTES = 67108864;

/** One test as JSON over REST. */
export const MAX_TEST_BYTES = 4194304;

/** How long an answer is in the hands of one marker after she was given it, or last said that she is at it. */
export const MARKING_LEASE_MS = 900000;

/**
 * From so many attempts on the page of the statistics asks for a look at a question. Of fewer the figures are mostly
 * chance: the open textbook "Assessment Basics" of Brigham Young University names 100 to 200 as what is usually advised at
 * the least for classical item analysis (https://open.byu.edu/Assessment_Basics/item_analsyis).
 */
export const MIN_WARNED_ATTEMPTS = 100;

/** Attempts of which the statistics of a test are made at once: some seconds of work. */
export const MAX_STATISTICS_ATTEMPTS = 20000;

/**
 * From so long a silence of a connected candidate on it counts as idle. The log has no reading and no thinking, so that
 * less would count whoever reads a long text.
 */
export const IDLE_AFTER_MS = 300000;

/**
 * Records of attempts under way that one look at a test reads, some seconds of work: of 2,700 candidates with 180
 * questions each. What it has read the next look knows.
 */
export const MAX_ANALYTICS_RECORDS = 1000000;

/** Attempts of which the analytics of a test are made at once: some ten seconds of work, in a process of its own. */
export const MAX_ANALYTICS_ATTEMPTS = 10000;

/** Attempts that are over and whose logs a report folds itself. Of more it waits until they have been folded. */
export const MAX_FOLDED_AT_ONCE = 1000;

/**
 * Calls of one organisation that wait on one node for a process: for statistics, reports and files of results. A tiny
 * one takes less than a second, and organisations take turns.
 */
export const MAX_ANALYSES_WAITING = 32;

/** A roster over REST. */
export const MAX_ROSTER_BYTES = 4194304;

/** People in one roster: it is imported in one transaction. */
export const MAX_ROSTER_LINES = 20000;

/** Attempts beyond the rules of a test that somebody can be granted. */
export const MAX_EXTRA_ATTEMPTS = 1000;

/** Attempts in one act on many: they are stored in one transaction. */
export const MAX_BULK_TARGETS = 20000;

/** Such an act over REST: so many attempts by their ids. */
export const MAX_BULK_BODY_BYTES = 1048576;

/** Mistakes of a roster that a dry run names. */
export const MAX_ROSTER_MISTAKES = 1000;

/** Instants of a roster that a reply says back: most rosters have a handful of different ones. */
export const MAX_ROSTER_INSTANTS = 100;

/** Any other REST body: 64 answers of ordinary length; long essays go one by one. */
export const MAX_REST_BODY_BYTES = 262144;

/** One resource of SCIM, or one patch of it: a group with all its members. */
export const MAX_SCIM_BODY_BYTES = 4194304;

/** Objects and lists of JSON in one body of SCIM: a million of them would hold a node up for seconds. */
export const MAX_SCIM_VALUES = 100000;

/** Members of a group that SCIM keeps, since a reply names them all. */
export const MAX_GROUP_MEMBERS = 20000;

/** What somebody or something is called at an identity provider; longer ones than ours are usual there. */
export const MAX_EXTERNAL_ID_CHARS = 256;

/**
 * Operations of one SCIM patch, and attributes of those without a path: each looks through the values of what it
 * changes.
 */
export const MAX_PATCH_OPERATIONS = 1000;

/** Values that the filters in the paths of one patch look at, together: about two seconds, beside the loop. */
export const MAX_PATCH_LOOKS = 2000000;

/** Looks that one comparison of a filter counts for that is not the plain one. */
export const PATCH_LOOK_COST = 40;

/** A SCIM filter, or a path of a patch; identity providers ask for one or two attributes. */
export const MAX_FILTER_CHARS = 2000;

/** Parentheses and brackets in one another. */
export const MAX_FILTER_DEPTH = 20;

/** Comparisons that a SCIM filter makes where no index answers it, together: about a second, in turns. */
export const MAX_FILTERED = 100000;

/** Operations in one REST call: as many as a client may have unacknowledged. */
export const MAX_REST_OPERATIONS = 64;

/** One extension by staff; a mistyped hour for a minute must not become a week. */
export const MAX_EXTENSION_MS = 86400000;

/** Extra time as a share of the duration, in thousandths: ten times as much again. */
export const MAX_EXTRA_PERMILLE = 10000;

/** A take-home test may run for weeks; more than a year is a mistake in units. */
export const MAX_DURATION_MS = 31622400000;

/** Devices of one attempt whose count of connects is kept; the one that connected longest ago is forgotten first. */
export const MAX_DEVICES = 32;

/**
 * Characters of a device's id where the test binds its links to a device: 16 random bytes in base 64. Nobody guesses
 * them.
 */
export const MIN_DEVICE_KEY_CHARS = 22;

/**
 * For so long a candidate who sits is without a connection before other systems are told. A page that reloads, a lift
 * and a change of rooms are shorter, and nobody would act on them.
 */
export const AWAY_AFTER_MS = 120000;

/** A node that has written no sign of life for so long is gone, and so are the connections that it held. */
export const HOLDER_GONE_MS = 20000;

/**
 * For so long a monitor keeps a row with more records than a new connection tells of: its node may be behind for some
 * seconds. A server that still speaks after that is right: the database was restored from an older copy.
 */
export const BELIEVE_MS = 120000;

/** A socket that has not said who it is holds a place that a candidate may need. */
export const HELLO_TIMEOUT_MS = 5000;

/** How long before the end of its token a connection is told: enough for a person to sign in again. */
export const TOKEN_EXPIRING_MS = 300000;

/** How far the clock of whoever made a token may be ahead of the server's: for its `iat` and `nbf`. */
export const TOKEN_LEEWAY_MS = 60000;

/** The longest time from a token's making to its end. When whatever a withdrawal covers has ended, it is forgotten. */
export const MAX_TOKEN_LIFE_MS = 31622400000;

/**
 * How long a token for one attempt still opens it after its end: her page shows how it ended, what was not saved and
 * the result, and staff may find that they ended it by mistake. A reopened attempt is open to it again, however late.
 */
export const LINK_AFTER_END_MS = 3600000;

/** Life of a result token, where whoever asks for it names no other. */
export const RESULT_TOKEN_LIFE_MS = 2592000000;

/** The interval the server asks for; mobile radios and proxies drop a silent connection after 30–60 s. */
export const HEARTBEAT_MS = 10000;

/**
 * Intervals of silence after which a client takes the connection for dead. The server waits for one more, so that the
 * client is the first to know.
 */
export const MISSED_BEATS = 3;

/** The first reconnect waits up to this long; it doubles from there. */
export const RECONNECT_BASE_MS = 500;

/** No candidate waits longer than this between two tries: a room is back within ten seconds after its server is. */
export const RECONNECT_CAP_MS = 8000;

/** Messages waiting for one slow socket; then it is closed, and comes back with a fresh view. */
export const OUTBOX_MESSAGES = 256;

/** Bytes waiting for one slow socket: three rosters of 10,000 rows. */
export const OUTBOX_BYTES = 16777216;

/**
 * Operations a second that one person (organisation and user) may send for long, over all sockets and REST together. A
 * message on a socket is one; so is a REST call, but one with several answers is as many. A fast typist sends two. Faster
 * ones wait: a socket is not read for a while, a REST call is refused `rate_limited` with `Retry-After`.
 */
export const RATE_PER_SECOND = 50;

/** Operations of one person at once: a reconnecting page sends what it kept, in windows of 64. */
export const RATE_BURST = 250;

/**
 * Bytes of messages and REST bodies that one person may send for long; beyond it she waits, as with operations. Whoever
 * goes on typing at an answer of 16,000 characters of three bytes has it saved every two seconds, and needs 24 KiB.
 */
export const BYTES_PER_SECOND = 32768;

/**
 * Bytes of one person at once: more than anybody types in an exam. A window of 64 answers of the greatest length in
 * plain letters takes 24 seconds then: a beat behind it comes before its sender counts as lost.
 */
export const BYTES_BURST = 262144;

/**
 * Connections of one person that are let in for long: each `hello` of a socket and each `resume` over REST writes to
 * the log. One too many waits for its `welcome`, or is told by `goodbye` (4000) or `Retry-After` when to come back.
 */
export const CONNECTS_PER_MINUTE = 30;

/** Connections of one person at once: a link that fails again and again, with several pages open. */
export const CONNECTS_BURST = 30;

/** Of those at once, so many a second, after the first few: several pages come back one after the other. */
export const CONNECTS_PER_SECOND = 10;

/** Connections of one person before those that are spaced; one more passes at once. */
export const CONNECTS_UNSPACED = 3;

/** How long a `hello` waits for its turn; whoever would wait longer is told when to come back. */
export const MAX_CONNECT_WAIT_MS = 5000;

/**
 * A REST call is refused `rate_limited` if its person would have to wait longer than this. Less is let through, so that
 * a socket and REST of the same person share what there is.
 */
export const REST_DEBT_MS = 1000;

/** Operations that an operation counts for if its number is so old that it has to be looked for in the log. */
export const SEARCH_COST = 10;

/** Operations that a call with an idempotency key counts for besides: it is written down twice, and kept for a day. */
export const KEYED_COST = 5;

/** As the draft's examples and most services of others have it. */
export const MAX_IDEMPOTENCY_KEY_CHARS = 255;

/** On a leaderboard: it stands in a line on a phone. */
export const MAX_PSEUDONYM_CHARS = 40;

/** In one reply; nobody reads more ranks. */
export const MAX_LEADERBOARD_LINES = 500;

/** A hundred years; whoever wants to keep something for longer says nothing. */
export const MAX_RETENTION_DAYS = 36500;

/** Whoever looks into an audit log because of a complaint comes weeks later. */
export const MIN_AUDIT_DAYS = 30;

/** The events that were delivered are kept for as long. */
export const MAX_DELIVERY_DAYS = 30;

/** Of an answer that is kept under an idempotency key. All but a few of them have less than a kilobyte. */
export const MAX_KEPT_ANSWER_BYTES = 65536;

/** Operations that a wrong access code counts for: after the first one, its sender waits five seconds for each. */
export const WRONG_CODE_COST = 250;

/**
 * Operations a second of one organisation, to which `SHARE_PER_SECOND` is added for each of its people. Above it those
 * of its people wait who are above their own share.
 */
export const ORG_RATE_PER_SECOND = 2000;

/** Operations a second, and `RATE_BURST` at once, for which nobody waits because others of the organisation are busy. */
export const SHARE_PER_SECOND = 10;

/** Messages that cannot be read or are not expected, after which the connection is closed. */
export const MAX_STRIKES = 20;

/** As many of them are forgotten: a bug that shows now and then ends no exam. */
export const STRIKES_FORGIVEN_PER_MINUTE = 6;

/** Branches, tests or groups that one token can be limited to: with ids of usual length it still fits into a token. */
export const MAX_SCOPE_IDS = 50;

/** The life of a token that somebody is given without another one: a day of exams. */
export const GIVEN_TOKEN_LIFE_MS = 43200000;
