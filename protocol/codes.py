"""The two tables of names: refusals (a message or request was not accepted) and closes (a socket ended).

A refusal says by its `Retry` what the client should do with the refused operation. A close code says by its
range whether to come back: 4000–4099 reconnect with back-off; 4100–4199 reconnect with a fresh token;
4500–4599 don't reconnect by yourself. Both tables are generated into the TypeScript client and PROTOCOL.md.
"""

from enum import IntEnum, StrEnum
from typing import Final, NamedTuple


class Retry(StrEnum):
    """What to do with a refused operation."""

    NEVER = "never"
    """The same operation will be refused again: show it, and forget it."""
    LATER = "later"
    """Keep it on the device and send it again, with the same number, after the state changes or a back-off."""
    RELOAD = "reload"
    """What the client believes is out of date: ask for the state again, then decide anew."""


class Code(StrEnum):
    """The name of a refusal. Stable: a name never changes its meaning."""

    MALFORMED = "malformed"
    TRAILING_BYTES = "trailing_bytes"
    TOO_LARGE = "too_large"
    TOO_DEEP = "too_deep"
    UNKNOWN_MESSAGE = "unknown_message"
    UNKNOWN_FIELD = "unknown_field"
    MISSING_FIELD = "missing_field"
    WRONG_TYPE = "wrong_type"
    OUT_OF_RANGE = "out_of_range"
    UNSUPPORTED_PROTOCOL = "unsupported_protocol"
    NOT_EXPECTED = "not_expected"

    TOKEN_MISSING = "token_missing"
    TOKEN_LATE = "token_late"
    TOKEN_INVALID = "token_invalid"
    TOKEN_EXPIRED = "token_expired"
    TOKEN_REVOKED = "token_revoked"
    FORBIDDEN_ORIGIN = "forbidden_origin"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    WRONG_CURSOR = "wrong_cursor"
    INVALID_ID = "invalid_id"
    TAKEN = "taken"
    INVALID_TEST = "invalid_test"
    INVALID_MEDIA = "invalid_media"
    MEDIA_FULL = "media_full"
    UNKNOWN_FORM = "unknown_form"
    FORM_CHOICE = "form_choice"
    NOT_ACTIVE = "not_active"
    NOT_ENROLLED = "not_enrolled"
    ACCOUNT_OFF = "account_off"
    ATTEMPT_LIMIT = "attempt_limit"
    ATTEMPT_DELAY = "attempt_delay"
    NOT_OPEN_YET = "not_open_yet"
    WINDOW_CLOSED = "window_closed"
    WAITING = "waiting"
    WRONG_ADDRESS = "wrong_address"
    SAFE_EXAM_BROWSER = "safe_exam_browser"
    CODE_REQUIRED = "code_required"
    WRONG_CODE = "wrong_code"
    LINK_USED = "link_used"
    LINK_OPEN = "link_open"

    NOT_WAITING = "not_waiting"
    NOT_CANCELLED = "not_cancelled"
    ATTEMPT_OPEN = "attempt_open"
    NO_HAND = "no_hand"
    NOT_WATCHED = "not_watched"
    CONSENT_REQUIRED = "consent_required"
    CONSENT_NOT_ASKED = "consent_not_asked"
    NOT_CONSENTED = "not_consented"
    CAPTURED_TOO_SOON = "captured_too_soon"
    CAPTURED_FULL = "captured_full"
    NOT_STARTED = "not_started"
    ALREADY_STARTED = "already_started"
    PAUSED = "paused"
    NOT_PAUSED = "not_paused"
    DEADLINE_PASSED = "deadline_passed"
    ALREADY_SUBMITTED = "already_submitted"
    CANCELLED = "cancelled"
    ABSENT = "absent"
    ABANDONED = "abandoned"
    NOT_ABANDONED = "not_abandoned"
    LATE_NOT_TAKEN = "late_not_taken"
    SEALED_LATE = "sealed_late"
    UNKNOWN_LATE = "unknown_late"
    LATE_DECIDED = "late_decided"
    ANSWER_FILE_KNOWN = "answer_file_known"
    WRONG_ANSWER_FILE = "wrong_answer_file"
    NOT_ENDED = "not_ended"
    NOT_READY = "not_ready"
    RESULT_HIDDEN = "result_hidden"
    NOT_RELEASED = "not_released"
    QUESTIONS_DIFFER = "questions_differ"
    ERASED = "erased"
    ARCHIVED = "archived"
    UNDER_WAY = "under_way"
    REASON_REQUIRED = "reason_required"
    NO_DEADLINE = "no_deadline"
    COLLECTED = "collected"
    TOO_EARLY = "too_early"
    WOULD_SHORTEN = "would_shorten"
    INVALID_OVERRIDE = "invalid_override"
    INVALID_ROSTER = "invalid_roster"
    NOBODY_FITS = "nobody_fits"
    INVALID_SUBSCRIPTION = "invalid_subscription"
    SUBSCRIPTIONS_FULL = "subscriptions_full"
    EVENTS_GONE = "events_gone"
    API_KEYS_FULL = "api_keys_full"
    API_KEY_REVOKED = "api_key_revoked"

    UNKNOWN_SECTION = "unknown_section"
    SECTION_CLOSED = "section_closed"
    SECTION_ORDER = "section_order"
    SECTION_NOT_OPEN = "section_not_open"
    QUESTION_CLOSED = "question_closed"
    GAPS = "gaps"

    UNKNOWN_QUESTION = "unknown_question"
    WRONG_ANSWER_TYPE = "wrong_answer_type"
    UNKNOWN_OPTION = "unknown_option"
    UNKNOWN_PART = "unknown_part"
    TOO_MANY_CHOICES = "too_many_choices"
    ANSWER_TOO_LONG = "answer_too_long"
    WRONG_MARKUP = "wrong_markup"
    UNKNOWN_MESSAGE_ID = "unknown_message_id"
    WRONG_MARK = "wrong_mark"
    MARKS_FINAL = "marks_final"
    CLAIMED = "claimed"

    NUMBER_REUSED = "number_reused"
    NUMBER_SKIPPED = "number_skipped"
    TOO_MANY_OPERATIONS = "too_many_operations"
    COMMAND_REUSED = "command_reused"
    ACTED_MEANWHILE = "acted_meanwhile"
    TOO_LATE = "too_late"

    CHANGED_MEANWHILE = "changed_meanwhile"
    INVALID_IDEMPOTENCY_KEY = "invalid_idempotency_key"
    IDEMPOTENCY_KEY_REUSED = "idempotency_key_reused"
    IDEMPOTENCY_KEY_IN_USE = "idempotency_key_in_use"
    OUTCOME_UNKNOWN = "outcome_unknown"
    ANSWER_GONE = "answer_gone"

    CONNECTION_EXISTS = "connection_exists"
    SUPERSEDED = "superseded"
    RATE_LIMITED = "rate_limited"
    OVERLOADED = "overloaded"
    DRAINING = "draining"
    NEWER_LOG = "newer_log"
    UPGRADE_UNDER_WAY = "upgrade_under_way"
    NOT_INSTALLED = "not_installed"
    STORAGE_UNAVAILABLE = "storage_unavailable"
    INTERNAL = "internal"


class Rule(NamedTuple):
    """One refusal: its HTTP status, what to do with the operation, and a sentence for people."""

    http: int
    retry: Retry
    sentence: str
    for_staff: str | None = None
    """What staff read instead, where the sentence speaks to a candidate."""


REFUSALS: Final[dict[Code, Rule]] = {
    Code.MALFORMED: Rule(400, Retry.NEVER, "This message could not be read."),
    Code.TRAILING_BYTES: Rule(400, Retry.NEVER, "There are bytes after the end of the message."),
    Code.TOO_LARGE: Rule(413, Retry.NEVER, "This message is too large."),
    Code.TOO_DEEP: Rule(400, Retry.NEVER, "This message is nested too deeply."),
    Code.UNKNOWN_MESSAGE: Rule(400, Retry.NEVER, "The server does not know this kind of message."),
    Code.UNKNOWN_FIELD: Rule(400, Retry.NEVER, "This message has a field that does not belong to it."),
    Code.MISSING_FIELD: Rule(400, Retry.NEVER, "A field of this message is missing."),
    Code.WRONG_TYPE: Rule(400, Retry.NEVER, "A field of this message has the wrong type."),
    Code.OUT_OF_RANGE: Rule(422, Retry.NEVER, "A value in this message is out of range."),
    Code.UNSUPPORTED_PROTOCOL: Rule(
        400, Retry.NEVER, "This page or program is too old for this server. Reload the page, or update the program."
    ),
    Code.NOT_EXPECTED: Rule(400, Retry.NEVER, "This message was not expected at this point."),
    Code.TOKEN_MISSING: Rule(401, Retry.NEVER, "You are not signed in: the token is missing. Open your link again."),
    Code.TOKEN_LATE: Rule(401, Retry.LATER, "The connection took too long to sign in. Please try again."),
    Code.TOKEN_INVALID: Rule(
        401, Retry.NEVER, "This link or token is not valid here. Open the whole link again, or ask for a new one."
    ),
    Code.TOKEN_EXPIRED: Rule(
        401, Retry.LATER, "This link or token has expired. Please sign in again, or ask for a new one."
    ),
    Code.TOKEN_REVOKED: Rule(401, Retry.NEVER, "This link or token has been withdrawn; please ask for a new one."),
    Code.FORBIDDEN_ORIGIN: Rule(
        403, Retry.NEVER, "This web page may not connect to this server. Open the link that you were given."
    ),
    Code.FORBIDDEN: Rule(403, Retry.NEVER, "This link or token is for another role, which does not allow this."),
    Code.NOT_FOUND: Rule(
        404,
        Retry.NEVER,
        "We can't find this test. Check the link, or ask your invigilator.",
        "There is nothing at this address that this token may see.",
    ),
    Code.METHOD_NOT_ALLOWED: Rule(405, Retry.NEVER, "This address does not offer that method."),
    Code.WRONG_CURSOR: Rule(
        422, Retry.NEVER, "This list can't be continued there: the page before was one of another list. Begin it anew."
    ),
    Code.INVALID_ID: Rule(422, Retry.NEVER, "This id can't be used."),
    Code.TAKEN: Rule(409, Retry.NEVER, "Somebody else has this name already. Choose another one."),
    Code.INVALID_TEST: Rule(422, Retry.NEVER, "This test has a mistake."),
    Code.INVALID_MEDIA: Rule(422, Retry.NEVER, "This file can't be used in a test."),
    Code.MEDIA_FULL: Rule(
        409,
        Retry.NEVER,
        "The files of this organisation take all the room that they may have. Ask who runs the server.",
    ),
    Code.UNKNOWN_FORM: Rule(422, Retry.NEVER, "The test has no such form."),
    Code.FORM_CHOICE: Rule(
        403, Retry.NEVER, "The form of this test is chosen by staff. Open the link that you were given."
    ),
    Code.NOT_ACTIVE: Rule(
        409, Retry.LATER, "This test is switched off at the moment: nobody can begin it. Ask your invigilator."
    ),
    Code.NOT_ENROLLED: Rule(
        409, Retry.LATER, "You are not enrolled for this test. If that is wrong, ask the person who runs it."
    ),
    Code.ACCOUNT_OFF: Rule(
        409,
        Retry.LATER,
        "Your account is switched off, so you can't begin a test. Ask the person who runs it.",
        "The candidate's account is switched off. Switch it on at your identity provider, or in the list of people.",
    ),
    Code.ATTEMPT_LIMIT: Rule(
        409,
        Retry.NEVER,
        "You have taken this test as often as it may be taken. If that is wrong, ask your invigilator.",
        "The candidate has had as many attempts at this test as she may have. Grant her a further one first.",
    ),
    Code.ATTEMPT_DELAY: Rule(
        409, Retry.LATER, "Some time must pass between two attempts at this test. Please come back later."
    ),
    Code.NOT_OPEN_YET: Rule(409, Retry.LATER, "The test is not open yet. Please try again when it opens."),
    Code.WINDOW_CLOSED: Rule(
        409,
        Retry.NEVER,
        "The time in which this test could be started is over. Ask your invigilator.",
        "The time in which this test could be started is over. Give the candidate a longer window first.",
    ),
    Code.WAITING: Rule(
        409, Retry.LATER, "You wait to be let in by your invigilator. Stay on this page: it goes on by itself."
    ),
    Code.WRONG_ADDRESS: Rule(
        409,
        Retry.LATER,
        "This test can't be started from the network that you are in. Go to the place of the exam, or ask your"
        " invigilator.",
    ),
    Code.SAFE_EXAM_BROWSER: Rule(
        409,
        Retry.LATER,
        "This test is sat in Safe Exam Browser alone, with the settings of this test. Open it there, or ask your"
        " invigilator.",
        "This test is sat in Safe Exam Browser alone, with the settings of the test.",
    ),
    Code.CODE_REQUIRED: Rule(
        409, Retry.NEVER, "This test is started with an access code. Ask your invigilator for it."
    ),
    Code.WRONG_CODE: Rule(409, Retry.NEVER, "This access code is wrong. Check it, and type it again."),
    Code.LINK_USED: Rule(
        409,
        Retry.NEVER,
        "This link was opened on another device. Go on there, or ask your invigilator to allow this device.",
    ),
    Code.LINK_OPEN: Rule(409, Retry.NEVER, "The links of this test open on any device: there is none to allow."),
    Code.NOT_WAITING: Rule(
        409, Retry.NEVER, "Nobody waits here: the candidate has been let in, or the test has no waiting room."
    ),
    Code.NOT_CANCELLED: Rule(409, Retry.NEVER, "This attempt has not been cancelled: there is nothing to reinstate."),
    Code.ATTEMPT_OPEN: Rule(
        409, Retry.NEVER, "The candidate has another attempt at this test that has not ended. End or cancel that first."
    ),
    Code.NO_HAND: Rule(409, Retry.NEVER, "No hand is up that nobody has seen yet."),
    Code.NOT_WATCHED: Rule(409, Retry.NEVER, "This test does not watch for that, or not for this candidate."),
    Code.CONSENT_REQUIRED: Rule(
        409,
        Retry.LATER,
        "This test takes pictures with your camera or of your screen, and begins when you have agreed to those that it"
        " asks for. If you can't or don't want to, ask your invigilator: you can be let in without.",
        "The candidate has not agreed to pictures from the camera or of the screen, which the test asks for. An"
        " exemption from camera_ended or screen_ended lets her begin without.",
    ),
    Code.CONSENT_NOT_ASKED: Rule(
        409,
        Retry.NEVER,
        "This test does not ask for such pictures. Load the page again to see what it asks for.",
        "The test does not ask this candidate for such pictures.",
    ),
    Code.NOT_CONSENTED: Rule(
        409, Retry.NEVER, "The candidate has not agreed to pictures from there, or no longer does."
    ),
    Code.CAPTURED_TOO_SOON: Rule(
        409, Retry.NEVER, "A picture is there already for this time. Nothing more need be sent."
    ),
    Code.CAPTURED_FULL: Rule(409, Retry.NEVER, "No more such pictures are kept: all the room for them is taken."),
    Code.NOT_STARTED: Rule(
        409,
        Retry.RELOAD,
        "The attempt has not been started. Start it first.",
        "The candidate has not begun this attempt yet.",
    ),
    Code.ALREADY_STARTED: Rule(409, Retry.RELOAD, "The attempt has already been started."),
    Code.PAUSED: Rule(
        409,
        Retry.LATER,
        "The attempt is paused; the clock stands. Wait until it goes on.",
        "This attempt is paused already.",
    ),
    Code.NOT_PAUSED: Rule(409, Retry.RELOAD, "The attempt is not paused."),
    Code.DEADLINE_PASSED: Rule(
        409,
        Retry.NEVER,
        "Time is up. What was saved before counts; nothing more can be saved.",
        "The time of this attempt is over. Reopen it first.",
    ),
    Code.ALREADY_SUBMITTED: Rule(
        409,
        Retry.NEVER,
        "The attempt has been handed in. Nothing more can be changed.",
        "This attempt has been handed in. Reopen it first.",
    ),
    Code.CANCELLED: Rule(
        409,
        Retry.NEVER,
        "The attempt has been cancelled. Ask your invigilator what to do now.",
        "This attempt has been cancelled. Reinstate it first.",
    ),
    Code.ABSENT: Rule(
        409,
        Retry.NEVER,
        "The test closed before it was started here. If that is wrong, ask your invigilator.",
        "The candidate did not sit: the test closed before she began. Reinstate the attempt first.",
    ),
    Code.ABANDONED: Rule(
        409,
        Retry.NEVER,
        "Time is up, and the test was not handed in. What was saved is kept; ask your invigilator whether it counts.",
        "This attempt was not handed in before its time was up. Accept it as it is, or reopen it first.",
    ),
    Code.NOT_ABANDONED: Rule(409, Retry.NEVER, "This attempt was not abandoned: there is nothing to accept."),
    Code.LATE_NOT_TAKEN: Rule(
        409,
        Retry.NEVER,
        "Time is up, and this test takes no answers after its end. They stay on the device: ask your invigilator.",
        "This test takes no answers after its end.",
    ),
    Code.SEALED_LATE: Rule(
        409, Retry.NEVER, "By the device's own clock this answer was given after the end. Nothing of it was taken."
    ),
    Code.UNKNOWN_LATE: Rule(
        404, Retry.RELOAD, "There are no such late answers, or they came after an end that was taken back."
    ),
    Code.LATE_DECIDED: Rule(409, Retry.RELOAD, "Somebody has decided about these answers already. Look again."),
    Code.ANSWER_FILE_KNOWN: Rule(409, Retry.NEVER, "What this file has is there already. Nothing was changed."),
    Code.WRONG_ANSWER_FILE: Rule(422, Retry.NEVER, "This is no file with answers for this attempt."),
    Code.NOT_ENDED: Rule(409, Retry.LATER, "The attempt has not ended yet."),
    Code.NOT_READY: Rule(409, Retry.LATER, "The result is not ready yet. Please come back later."),
    Code.RESULT_HIDDEN: Rule(
        403, Retry.NEVER, "The result of this test is not shown here. Ask the person who runs the test."
    ),
    Code.NOT_RELEASED: Rule(409, Retry.LATER, "The results of this test have not been released yet."),
    Code.QUESTIONS_DIFFER: Rule(
        409,
        Retry.NEVER,
        "This version of the test has other questions than those that were sat. Keys can change, questions can't.",
    ),
    Code.ERASED: Rule(
        410,
        Retry.NEVER,
        "What was personal in this attempt has been erased. Lists and statistics keep its numbers.",
    ),
    Code.ARCHIVED: Rule(
        410,
        Retry.NEVER,
        "The log of this attempt has been moved into an archive. Its result can still be read. Whoever runs the server"
        " can bring the log back.",
    ),
    Code.UNDER_WAY: Rule(
        409,
        Retry.LATER,
        "This person sits an exam now. Wait until it has ended, or end or cancel the attempt; then erase again.",
    ),
    Code.REASON_REQUIRED: Rule(422, Retry.NEVER, "Please give a reason; it is kept in the record."),
    Code.NO_DEADLINE: Rule(409, Retry.NEVER, "This attempt has no deadline to move."),
    Code.COLLECTED: Rule(409, Retry.NEVER, "Staff have collected the paper; what is on the wire still arrives."),
    Code.TOO_EARLY: Rule(409, Retry.NEVER, "It is too early for this: a part of the time must pass first."),
    Code.WOULD_SHORTEN: Rule(409, Retry.NEVER, "This would take time from a candidate whose clock runs."),
    Code.INVALID_OVERRIDE: Rule(422, Retry.NEVER, "What is granted makes no sense."),
    Code.INVALID_ROSTER: Rule(422, Retry.NEVER, "The roster has mistakes. Nothing of it was imported."),
    Code.NOBODY_FITS: Rule(422, Retry.NEVER, "No attempt fits that at the moment, so nothing was done."),
    Code.INVALID_SUBSCRIPTION: Rule(422, Retry.NEVER, "Nobody can be told of events like that."),
    Code.SUBSCRIPTIONS_FULL: Rule(
        409, Retry.NEVER, "The organisation has as many subscriptions as it may have. Remove one first."
    ),
    Code.EVENTS_GONE: Rule(
        410,
        Retry.NEVER,
        "Events behind this cursor are not kept any more. Read what you need anew, then go on without a cursor.",
    ),
    Code.API_KEYS_FULL: Rule(409, Retry.NEVER, "The organisation has as many keys as it may have. Withdraw one first."),
    Code.API_KEY_REVOKED: Rule(409, Retry.NEVER, "This key has been withdrawn for good. Make another one."),
    Code.UNKNOWN_SECTION: Rule(422, Retry.NEVER, "The test has no such section. Reload the page."),
    Code.SECTION_CLOSED: Rule(
        409, Retry.NEVER, "This section is closed. What was saved before counts; nothing in it can be changed any more."
    ),
    Code.SECTION_ORDER: Rule(409, Retry.NEVER, "The sections are entered in their order, each of them once."),
    Code.SECTION_NOT_OPEN: Rule(409, Retry.NEVER, "This section is not open yet. Enter it first."),
    Code.QUESTION_CLOSED: Rule(
        409, Retry.NEVER, "The time for this question is up. What was saved before counts; go on with another question."
    ),
    Code.GAPS: Rule(409, Retry.NEVER, "Some questions must be answered first."),
    Code.UNKNOWN_QUESTION: Rule(422, Retry.NEVER, "The test has no such question. Reload the page."),
    Code.WRONG_ANSWER_TYPE: Rule(
        422, Retry.NEVER, "This kind of answer does not fit the question. Reload the page, and answer it again."
    ),
    Code.UNKNOWN_OPTION: Rule(
        422, Retry.NEVER, "The question has no such option. Reload the page, and answer it again."
    ),
    Code.UNKNOWN_PART: Rule(422, Retry.NEVER, "The question has no such part. Reload the page, and answer it again."),
    Code.TOO_MANY_CHOICES: Rule(422, Retry.NEVER, "More was chosen than this question allows. Take something away."),
    Code.ANSWER_TOO_LONG: Rule(422, Retry.NEVER, "This answer is too long to be saved. Make it shorter."),
    Code.WRONG_MARKUP: Rule(
        422, Retry.NEVER, "This answer is formatted in a way that can't be saved. Reload the page, and format it again."
    ),
    Code.UNKNOWN_MESSAGE_ID: Rule(422, Retry.NEVER, "There is no such message."),
    Code.WRONG_MARK: Rule(422, Retry.NEVER, "This mark does not fit the question."),
    Code.MARKS_FINAL: Rule(409, Retry.NEVER, "The marks of this attempt are complete. To correct one, give a reason."),
    Code.CLAIMED: Rule(409, Retry.LATER, "Somebody else has this answer in hand at the moment."),
    Code.NUMBER_REUSED: Rule(
        409, Retry.NEVER, "This was changed in another window or on another device. Look at it again."
    ),
    Code.NUMBER_SKIPPED: Rule(409, Retry.RELOAD, "A later operation was accepted first."),
    Code.TOO_MANY_OPERATIONS: Rule(
        409,
        Retry.NEVER,
        "This attempt has had as many changes as it can keep. What is saved counts, and you can still hand in.",
        "This attempt has had as many changes as it can keep.",
    ),
    Code.COMMAND_REUSED: Rule(409, Retry.NEVER, "This command's id was used for another command."),
    Code.ACTED_MEANWHILE: Rule(
        409, Retry.NEVER, "Somebody else has acted on this attempt since you looked. Look at it, then decide again."
    ),
    Code.TOO_LATE: Rule(
        409,
        Retry.NEVER,
        "This came too late, and was not done: the connection was down. Look again, then decide again.",
    ),
    Code.CHANGED_MEANWHILE: Rule(
        412, Retry.NEVER, "This was changed since you looked, or is not there. Look at it again, then decide again."
    ),
    Code.INVALID_IDEMPOTENCY_KEY: Rule(
        400, Retry.NEVER, "An idempotency key has 1 to 255 printable characters of ASCII, and a call has one of them."
    ),
    Code.IDEMPOTENCY_KEY_REUSED: Rule(
        422, Retry.NEVER, "This idempotency key was used for another call. Give each call a key of its own."
    ),
    Code.IDEMPOTENCY_KEY_IN_USE: Rule(
        409, Retry.LATER, "The first call with this idempotency key is still under way. Ask again in a moment."
    ),
    Code.OUTCOME_UNKNOWN: Rule(
        409,
        Retry.NEVER,
        "The server could not finish the first call with this idempotency key, and does not know whether it was carried"
        " out. Look, and call again with another key if it was not.",
    ),
    Code.ANSWER_GONE: Rule(
        409,
        Retry.NEVER,
        "The call with this idempotency key was carried out before. Its answer is not kept any more: it was too long,"
        " or somebody was erased meanwhile.",
    ),
    Code.CONNECTION_EXISTS: Rule(
        409,
        Retry.NEVER,
        "The attempt is open in another window or on another device. Go on there; or close it there and open it here.",
    ),
    Code.SUPERSEDED: Rule(
        409,
        Retry.LATER,
        "The attempt was opened in another window or on another device. Go on there, or open it here again.",
    ),
    Code.RATE_LIMITED: Rule(429, Retry.LATER, "Too many messages in a short time. Wait a moment, then try again."),
    Code.OVERLOADED: Rule(503, Retry.LATER, "The server is busy; please try again shortly."),
    Code.DRAINING: Rule(503, Retry.LATER, "The server is restarting; please try again shortly."),
    Code.NEWER_LOG: Rule(
        503,
        Retry.LATER,
        "The servers are being replaced, and this one is older than your attempt. Please try again.",
        "The servers are being replaced, and this one is older than the attempt. Please try again.",
    ),
    Code.UPGRADE_UNDER_WAY: Rule(
        503,
        Retry.LATER,
        "The servers are being replaced. This is possible when all of them are new: please try again in some minutes.",
    ),
    Code.NOT_INSTALLED: Rule(
        404,
        Retry.NEVER,
        "This server lacks a program part for that. Ask whoever runs it.",
    ),
    Code.STORAGE_UNAVAILABLE: Rule(
        503,
        Retry.LATER,
        "The server cannot save at the moment; your work is kept here.",
        "The server cannot save at the moment. Please try again shortly.",
    ),
    Code.INTERNAL: Rule(
        500,
        Retry.LATER,
        "Something went wrong on the server. Please try again; if this goes on, tell your invigilator.",
        "Something went wrong on the server. Please try again; if this goes on, tell whoever runs the server.",
    ),
}

PAPER_COLLECTED: Final = "The paper has been collected. What was saved before counts."
"""In place of the sentence of `deadline_passed`, for a candidate whose attempt staff have ended."""


SERVERS_STATE: Final = frozenset(
    {Code.RATE_LIMITED, Code.OVERLOADED, Code.DRAINING, Code.NEWER_LOG, Code.STORAGE_UNAVAILABLE, Code.INTERNAL}
)
"""Refusals because of the server's state: of a staff command these alone say `later`, and all others `never`."""


class Close(IntEnum):
    """Why the server closed a socket."""

    NORMAL = 1000
    GOING_AWAY = 1001
    TOO_LARGE = 1009
    RESTART = 1012
    TRY_AGAIN = 4000
    SLOW_CONSUMER = 4001
    HEARTBEAT_LOST = 4002
    INTERNAL = 4003
    HELLO_LATE = 4004
    STORAGE_UNAVAILABLE = 4005
    TOKEN_EXPIRED = 4100
    TOKEN_INVALID = 4500
    FORBIDDEN = 4501
    NOT_FOUND = 4502
    SUPERSEDED = 4503
    PROTOCOL_ERROR = 4504
    CONNECTION_EXISTS = 4506
    LINK_USED = 4507


class Reconnect(StrEnum):
    """What a client does after a close."""

    BACKOFF = "backoff"
    FRESH_TOKEN = "fresh_token"
    NEVER = "never"


CLOSES: Final[dict[Close, str]] = {
    Close.NORMAL: "The connection is no longer needed.",
    Close.GOING_AWAY: "The server is going away; come back shortly.",
    Close.TOO_LARGE: "A message was larger than 128 KiB: too large even to be refused by name.",
    Close.RESTART: "The server is restarting; come back shortly.",
    Close.TRY_AGAIN: "The server leaves, is too busy, or is too old for the attempt: come back when `goodbye` says.",
    Close.SLOW_CONSUMER: "The connection was too slow to take what the server had to tell.",
    Close.HEARTBEAT_LOST: "Nothing was heard for several heartbeats.",
    Close.INTERNAL: "Something went wrong on the server.",
    Close.HELLO_LATE: "No `hello` came within the time allowed (the refusal `token_late`).",
    Close.STORAGE_UNAVAILABLE: "The server cannot save at the moment.",
    Close.TOKEN_EXPIRED: "The token has expired.",
    Close.TOKEN_INVALID: "The token is missing, withdrawn, or not valid here.",
    Close.FORBIDDEN: "The token's role may not use this socket.",
    Close.NOT_FOUND: "There is no such attempt or test for this token.",
    Close.SUPERSEDED: "The attempt was opened in another window or on another device.",
    Close.PROTOCOL_ERROR: "Too many unreadable messages, or too many pieces; no `hello` first; or no common version.",
    Close.CONNECTION_EXISTS: "The attempt is open elsewhere, and the test allows one connection.",
    Close.LINK_USED: "The link was opened on another device. Staff have to allow a new one.",
}


def reconnect_rule(close_code: int) -> Reconnect:
    """What a client does after a close with this code; codes that are not ours (1006, 1012…) mean back-off."""
    if close_code == Close.NORMAL or close_code == Close.TOO_LARGE or 4500 <= close_code <= 4599:
        return Reconnect.NEVER
    if 4100 <= close_code <= 4199:
        return Reconnect.FRESH_TOKEN
    return Reconnect.BACKOFF
