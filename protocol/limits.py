"""Every limit of the wire and of an attempt, with its reason. Bytes, counts or milliseconds, as the name says."""

from typing import Final

PROTOCOL_VERSION: Final = 1
"""The newest version that is spoken here, with clients and between nodes. See `protocol/since.py`."""

OLDEST_PROTOCOL_VERSION: Final = 1
"""The oldest version that is still spoken. Before it is raised, a whole release has offered both."""

MAX_CAPABILITIES: Final = 32
"""Names that a `hello` may offer."""

MAX_INT: Final = 2**53 - 1
"""The largest integer that JavaScript's numbers carry exactly."""

MAX_INSTANT_MS: Final = 253_402_300_799_999
"""The last millisecond of the year 9999, with which ISO 8601 ends. Staff and authors name none after it, so that the
longest times can be added to one."""

MAX_FRAME_BYTES: Final = 64 * 1024
"""One message from a client. The longest answer (16,000 characters of four bytes each) just fits."""

MAX_READ_BYTES: Final = 2 * MAX_FRAME_BYTES
"""One message that is read to its end. Over `MAX_FRAME_BYTES` it is refused by name, and the connection stays. A larger
one ends the connection."""

MAX_DEPTH: Final = 4
"""Maps and arrays inside one another. The deepest one that a client sends (`answer`: pairs in a record) has four."""

MAX_ANSWER_CHARS: Final = 16_000
"""An essay of about 2,500 words; a question may ask for less."""

MAX_ANSWER_OPTIONS: Final = 64
"""Options chosen in one answer; also the most options that one question may have."""

MAX_ANSWER_FILE_BYTES: Final = 10 * 1024 * 1024
"""One file that is handed in: a film of two minutes, or thirty pages that were scanned."""

MAX_ANSWER_FILES: Final = 60
"""Files handed in with one attempt, with those that were replaced."""

MAX_TOKEN_BYTES: Final = 8 * 1024
"""A JWT with every claim an identity provider likes to add; a longer one is no token of ours."""

MAX_PICTURE_SIDE: Final = 100_000
"""Units of one side of a picture."""

MAX_ID_CHARS: Final = 128
"""Identifiers of tests, questions, users, organisations, and command ids."""

MAX_NAME_CHARS: Final = 200
"""The name that people see of a candidate. Longer ones, of a token that an identity provider made, are cut."""

MAX_CODE_CHARS: Final = 64
"""An access code, as it is typed."""

MAX_ADDRESS_RANGES: Final = 100
"""Ranges of addresses from which a test may be started."""

PAUSE_GRACE_MS: Final = 1_800_000
"""How long a pause that nobody has ended may go on after the window has closed, where the test does not say otherwise:
staff see it in the meantime."""

MAX_TEXT_CHARS: Final = 2_000
"""A message from an invigilator, or the reason of a command."""

SEND_WINDOW: Final = 64
"""Operations that a client keeps on the wire without an answer: more would only be sent again after a lost connection.
The client keeps this rule by itself."""

INTERNAL_TRIES: Final = 8
"""Refusals as `internal` after which a client says that something is not saved: with the back-off half a minute or so.
What else went wrong in the server is over by then."""

MAX_OPERATIONS: Final = 20_000
"""Accepted operations of one attempt; a `submit` always passes. An essay saved every second for three hours takes
10,800."""

KEPT_DIGESTS: Final = SEND_WINDOW
"""Newest operations of an attempt whose repetition is recognised in memory; what is older is looked for in the log. A
client sends again what it has no answer to: one window at most."""

MAX_OBSERVATIONS: Final = 2_000
"""Records of what the page of one attempt has noticed: eleven a minute for three hours. Each may stand for many
times."""

OBSERVATIONS_PER_MINUTE: Final = 30
"""As many of them are kept within a minute: a window that flaps fills no log. A page sums up what it notices and sends
each signal every ten seconds at most."""

MAX_SEEN_HERE: Final = 500
"""Records of each signal that the server sees for itself in one attempt. Each stands beside a connection or an answer,
which have their own limits."""

CAPTURE_EVERY_LEAST_MS: Final = 10_000
"""Pictures of a candidate or her screen come no faster than this: six a minute show who sits there, and are no film."""

CAPTURE_EVERY_MOST_MS: Final = 600_000
"""Nor slower: less than six an hour show nothing."""

MAX_CAPTURED_DAYS: Final = 365
"""For how long such pictures are kept at most."""

MAX_CAPTURED_BYTES: Final = 64 * 1024
"""One such picture: nearly seven bits for each of 320 × 240 pixels, one for each of 960 × 540."""

MAX_CAMERA_SIDE: Final = 320
"""Pixels of the longer side of one from the camera: enough to see who sits there, too few to read what lies on the
table."""

MAX_SCREEN_SIDE: Final = 960
"""The same of the screen, half of a common one: enough to tell which programs and pages are open. In 320 nothing can be
told."""

MAX_CAPTURED_PICTURES: Final = 2_000
"""Pictures of one attempt from one source: five and a half hours, one every ten seconds."""

CAPTURED_PICTURES_SHOWN: Final = 12
"""Pictures that staff are shown at once. Each such look is an entry of the audit log."""

MAX_WATCHED_TIMES: Final = 1_000
"""From the so-manieth time on something follows from what is noticed."""

MAX_WATCHES: Final = 32
"""Signals that one test watches for: more than there are."""

MAX_STAFF_COMMANDS: Final = 1_000
"""Staff commands on one attempt: each id is kept, so that a repeated one is executed once. `end`, `cancel`, `resume`,
`reopen` and `allow_device` always pass."""

MAX_MESSAGES: Final = 100
"""Messages from staff to one candidate."""

MAX_LATE: Final = 32
"""Pieces of late answers of one attempt: a device sends all that it has in one, and once more when a call was lost."""

MAX_LATE_BYTES: Final = 1024 * 1024
"""One of them, over REST or in a file: an hour's essays."""

MAX_HISTORY: Final = 256
"""Visited questions that are kept in memory and in the projection; the log has all of them."""

MAX_QUESTIONS: Final = 1_000
"""Questions in one test."""

MAX_SECTIONS: Final = 100
"""Sections in one test."""

MAX_INTERACTIONS: Final = 50
"""Interactions in one question: things to choose, to type, to order."""

MAX_EXHIBITS: Final = 20
"""Passages to look at beside every question, each a button on the page."""

MAX_PASSAGES: Final = 200
"""Passages in one test."""

MAX_TAGS: Final = 20
"""Tags of one question."""

MAX_CRITERIA: Final = 20
"""Criteria of one rubric."""

MAX_LEVELS: Final = 12
"""Levels of one criterion."""

MIN_TYPED_ALIKE: Final = 5
"""Candidates who typed the same before a report tells of it: what fewer wrote may name one of them."""

MAX_TYPED_TOLD: Final = 10
"""Typed answers to one interaction in a report: what is given more seldom says little."""

MAX_CONFIRMATION_CHARS: Final = 16_000
"""Of a signed confirmation."""

MAX_SKILLS: Final = 50
"""Skills that one test names."""

GOAL_PERMILLE: Final = 700
"""The share of the points of a skill that is the goal, where nobody says another."""

MAX_SKILLS_ATTEMPTS: Final = 50
"""Attempts of a person from which her skills are known: the newest."""

MAX_GRADES: Final = 50
"""Grades of one test."""

MAX_SCORE_FEEDBACK: Final = 20
"""Texts of one question that depend on its marks."""

MAX_IMPORT_BYTES: Final = 64 * 1024 * 1024
"""One exam file over REST: a package with its pictures. Larger ones are brought by the command line."""

MAX_TEST_BYTES: Final = 4 * 1024 * 1024
"""One test as JSON over REST."""

MARKING_LEASE_MS: Final = 15 * 60 * 1000
"""How long an answer is in the hands of one marker after she was given it, or last said that she is at it."""

MIN_WARNED_ATTEMPTS: Final = 100
"""From so many attempts on the page of the statistics asks for a look at a question. Of fewer the figures are mostly
chance: the open textbook "Assessment Basics" of Brigham Young University names 100 to 200 as what is usually advised at
the least for classical item analysis (https://open.byu.edu/Assessment_Basics/item_analsyis)."""

MAX_STATISTICS_ATTEMPTS: Final = 20_000
"""Attempts of which the statistics of a test are made at once: some seconds of work."""

IDLE_AFTER_MS: Final = 5 * 60 * 1000
"""From so long a silence of a connected candidate on it counts as idle. The log has no reading and no thinking, so that
less would count whoever reads a long text."""

MAX_ANALYTICS_RECORDS: Final = 1_000_000
"""Records of attempts under way that one look at a test reads, some seconds of work: of 2,700 candidates with 180
questions each. What it has read the next look knows."""

MAX_ANALYTICS_ATTEMPTS: Final = 10_000
"""Attempts of which the analytics of a test are made at once: some ten seconds of work, in a process of its own."""

MAX_FOLDED_AT_ONCE: Final = 1_000
"""Attempts that are over and whose logs a report folds itself. Of more it waits until they have been folded."""

MAX_ANALYSES_WAITING: Final = 32
"""Calls of one organisation that wait on one node for a process: for statistics, reports and files of results. A tiny
one takes less than a second, and organisations take turns."""

MAX_ROSTER_BYTES: Final = 4 * 1024 * 1024
"""A roster over REST."""

MAX_ROSTER_LINES: Final = 20_000
"""People in one roster: it is imported in one transaction."""

MAX_EXTRA_ATTEMPTS: Final = 1_000
"""Attempts beyond the rules of a test that somebody can be granted."""

MAX_BULK_TARGETS: Final = 20_000
"""Attempts in one act on many: they are stored in one transaction."""

MAX_BULK_BODY_BYTES: Final = 1024 * 1024
"""Such an act over REST: so many attempts by their ids."""

MAX_ROSTER_MISTAKES: Final = 1_000
"""Mistakes of a roster that a dry run names."""

MAX_ROSTER_INSTANTS: Final = 100
"""Instants of a roster that a reply says back: most rosters have a handful of different ones."""

MAX_REST_BODY_BYTES: Final = 256 * 1024
"""Any other REST body: 64 answers of ordinary length; long essays go one by one."""

MAX_SCIM_BODY_BYTES: Final = 4 * 1024 * 1024
"""One resource of SCIM, or one patch of it: a group with all its members."""

MAX_SCIM_VALUES: Final = 100_000
"""Objects and lists of JSON in one body of SCIM: a million of them would hold a node up for seconds."""

MAX_GROUP_MEMBERS: Final = 20_000
"""Members of a group that SCIM keeps, since a reply names them all."""

MAX_EXTERNAL_ID_CHARS: Final = 256
"""What somebody or something is called at an identity provider; longer ones than ours are usual there."""

MAX_PATCH_OPERATIONS: Final = 1_000
"""Operations of one SCIM patch, and attributes of those without a path: each looks through the values of what it
changes."""

MAX_PATCH_LOOKS: Final = 2_000_000
"""Values that the filters in the paths of one patch look at, together: about two seconds, beside the loop."""

PATCH_LOOK_COST: Final = 40
"""Looks that one comparison of a filter counts for that is not the plain one."""

MAX_FILTER_CHARS: Final = 2_000
"""A SCIM filter, or a path of a patch; identity providers ask for one or two attributes."""

MAX_FILTER_DEPTH: Final = 20
"""Parentheses and brackets in one another."""

MAX_FILTERED: Final = 100_000
"""Comparisons that a SCIM filter makes where no index answers it, together: about a second, in turns."""

MAX_REST_OPERATIONS: Final = SEND_WINDOW
"""Operations in one REST call: as many as a client may have unacknowledged."""

MAX_EXTENSION_MS: Final = 24 * 3600 * 1000
"""One extension by staff; a mistyped hour for a minute must not become a week."""

MAX_EXTRA_PERMILLE: Final = 10_000
"""Extra time as a share of the duration, in thousandths: ten times as much again."""

MAX_DURATION_MS: Final = 366 * 24 * 3600 * 1000
"""A take-home test may run for weeks; more than a year is a mistake in units."""

MAX_DEVICES: Final = 32
"""Devices of one attempt whose count of connects is kept; the one that connected longest ago is forgotten first."""

MIN_DEVICE_KEY_CHARS: Final = 22
"""Characters of a device's id where the test binds its links to a device: 16 random bytes in base 64. Nobody guesses
them."""

AWAY_AFTER_MS: Final = 120_000
"""For so long a candidate who sits is without a connection before other systems are told. A page that reloads, a lift
and a change of rooms are shorter, and nobody would act on them."""

HOLDER_GONE_MS: Final = 20_000
"""A node that has written no sign of life for so long is gone, and so are the connections that it held."""

BELIEVE_MS: Final = 120_000
"""For so long a monitor keeps a row with more records than a new connection tells of: its node may be behind for some
seconds. A server that still speaks after that is right: the database was restored from an older copy."""

HELLO_TIMEOUT_MS: Final = 5_000
"""A socket that has not said who it is holds a place that a candidate may need."""

TOKEN_EXPIRING_MS: Final = 5 * 60 * 1000
"""How long before the end of its token a connection is told: enough for a person to sign in again."""

TOKEN_LEEWAY_MS: Final = 60 * 1000
"""How far the clock of whoever made a token may be ahead of the server's: for its `iat` and `nbf`."""

MAX_TOKEN_LIFE_MS: Final = 366 * 24 * 3600 * 1000
"""The longest time from a token's making to its end. When whatever a withdrawal covers has ended, it is forgotten."""

LINK_AFTER_END_MS: Final = 60 * 60 * 1000
"""How long a token for one attempt still opens it after its end: her page shows how it ended, what was not saved and
the result, and staff may find that they ended it by mistake. A reopened attempt is open to it again, however late."""

RESULT_TOKEN_LIFE_MS: Final = 30 * 24 * 3600 * 1000
"""Life of a result token, where whoever asks for it names no other."""

HEARTBEAT_MS: Final = 10_000
"""The interval the server asks for; mobile radios and proxies drop a silent connection after 30–60 s."""

MISSED_BEATS: Final = 3
"""Intervals of silence after which a client takes the connection for dead. The server waits for one more, so that the
client is the first to know."""

RECONNECT_BASE_MS: Final = 500
"""The first reconnect waits up to this long; it doubles from there."""

RECONNECT_CAP_MS: Final = 8_000
"""No candidate waits longer than this between two tries: a room is back within ten seconds after its server is."""

OUTBOX_MESSAGES: Final = 256
"""Messages waiting for one slow socket; then it is closed, and comes back with a fresh view."""

OUTBOX_BYTES: Final = 16 * 1024 * 1024
"""Bytes waiting for one slow socket: three rosters of 10,000 rows."""

RATE_PER_SECOND: Final = 50
"""Operations a second that one person (organisation and user) may send for long, over all sockets and REST together. A
message on a socket is one; so is a REST call, but one with several answers is as many. A fast typist sends two. Faster
ones wait: a socket is not read for a while, a REST call is refused `rate_limited` with `Retry-After`."""

RATE_BURST: Final = 250
"""Operations of one person at once: a reconnecting page sends what it kept, in windows of 64."""

BYTES_PER_SECOND: Final = 32 * 1024
"""Bytes of messages and REST bodies that one person may send for long; beyond it she waits, as with operations. Whoever
goes on typing at an answer of 16,000 characters of three bytes has it saved every two seconds, and needs 24 KiB."""

BYTES_BURST: Final = 256 * 1024
"""Bytes of one person at once: more than anybody types in an exam. A window of 64 answers of the greatest length in
plain letters takes 24 seconds then: a beat behind it comes before its sender counts as lost."""

CONNECTS_PER_MINUTE: Final = 30
"""Connections of one person that are let in for long: each `hello` of a socket and each `resume` over REST writes to
the log. One too many waits for its `welcome`, or is told by `goodbye` (4000) or `Retry-After` when to come back."""

CONNECTS_BURST: Final = 30
"""Connections of one person at once: a link that fails again and again, with several pages open."""

CONNECTS_PER_SECOND: Final = 10
"""Of those at once, so many a second, after the first few: several pages come back one after the other."""

CONNECTS_UNSPACED: Final = 3
"""Connections of one person before those that are spaced; one more passes at once."""

MAX_CONNECT_WAIT_MS: Final = 5_000
"""How long a `hello` waits for its turn; whoever would wait longer is told when to come back."""

REST_DEBT_MS: Final = 1_000
"""A REST call is refused `rate_limited` if its person would have to wait longer than this. Less is let through, so that
a socket and REST of the same person share what there is."""

SEARCH_COST: Final = 10
"""Operations that an operation counts for if its number is so old that it has to be looked for in the log."""

KEYED_COST: Final = 5
"""Operations that a call with an idempotency key counts for besides: it is written down twice, and kept for a day."""

MAX_IDEMPOTENCY_KEY_CHARS: Final = 255
"""As the draft's examples and most services of others have it."""

MAX_PSEUDONYM_CHARS: Final = 40
"""On a leaderboard: it stands in a line on a phone."""

MAX_LEADERBOARD_LINES: Final = 500
"""In one reply; nobody reads more ranks."""

MAX_RETENTION_DAYS: Final = 36_500
"""A hundred years; whoever wants to keep something for longer says nothing."""

MIN_AUDIT_DAYS: Final = 30
"""Whoever looks into an audit log because of a complaint comes weeks later."""

MAX_DELIVERY_DAYS: Final = 30
"""The events that were delivered are kept for as long."""

MAX_KEPT_ANSWER_BYTES: Final = 64 * 1024
"""Of an answer that is kept under an idempotency key. All but a few of them have less than a kilobyte."""

WRONG_CODE_COST: Final = 250
"""Operations that a wrong access code counts for: after the first one, its sender waits five seconds for each."""

ORG_RATE_PER_SECOND: Final = 2_000
"""Operations a second of one organisation, to which `SHARE_PER_SECOND` is added for each of its people. Above it those
of its people wait who are above their own share."""

SHARE_PER_SECOND: Final = 10
"""Operations a second, and `RATE_BURST` at once, for which nobody waits because others of the organisation are busy."""

MAX_STRIKES: Final = 20
"""Messages that cannot be read or are not expected, after which the connection is closed."""

STRIKES_FORGIVEN_PER_MINUTE: Final = 6
"""As many of them are forgotten: a bug that shows now and then ends no exam."""

MAX_SCOPE_IDS: Final = 50
"""Branches, tests or groups that one token can be limited to: with ids of usual length it still fits into a token."""

GIVEN_TOKEN_LIFE_MS: Final = 12 * 3600 * 1000
"""The life of a token that somebody is given without another one: a day of exams."""
