"""Who may do what: one table of roles and acts. Where somebody may do it is said by the scope of her token."""

from enum import StrEnum
from typing import Final

from protocol.attempt.model import Role


class Act(StrEnum):
    """One kind of thing that can be done. What a staff command asks for has the command's name."""

    __hash__ = str.__hash__

    CONNECT = "connect"
    SIT = "sit"
    LIST_TESTS = "list_tests"
    WATCH = "watch"
    SEE_CAPTURED = "see_captured"
    MESSAGE = "message"
    WARN = "warn"
    PAUSE = "pause"
    RESUME = "resume"
    EXTEND = "extend"
    ADMIT = "admit"
    ACKNOWLEDGE_HAND = "acknowledge_hand"
    ALLOW_DEVICE = "allow_device"
    END = "end"
    CANCEL = "cancel"
    REINSTATE = "reinstate"
    REOPEN = "reopen"
    ACCEPT = "accept"
    ACCOMMODATE = "accommodate"
    APPLY_RULES = "apply_rules"
    GRANT_ATTEMPT = "grant_attempt"
    BRING_ANSWERS = "bring_answers"
    DECIDE_LATE = "decide_late"
    READ_LOG = "read_log"
    READ_ANSWERS = "read_answers"
    MARK = "mark"
    CORRECT_MARK = "correct_mark"
    REGRADE = "regrade"
    RELEASE = "release"
    READ_RESULTS = "read_results"
    SHOW_RESULT = "show_result"
    READ_TESTS = "read_tests"
    WRITE_TESTS = "write_tests"
    ENROL = "enrol"
    OVERRIDE = "override"
    GIVE_TOKENS = "give_tokens"
    REVOKE = "revoke"
    EXPORT = "export"
    ERASE = "erase"
    READ_AUDIT = "read_audit"
    SUBSCRIBE = "subscribe"
    KEEP_KEYS = "keep_keys"
    RETAIN = "retain"


MEANINGS: Final[dict[Act, str]] = {
    Act.CONNECT: "Open an attempt of one's own on a device.",
    Act.SIT: "Make an attempt, start it, answer and hand in: one's own, or for its candidate.",
    Act.LIST_TESTS: "Read which tests there are, by their titles.",
    Act.WATCH: "See who sits a test, and how far everybody is.",
    Act.SEE_CAPTURED: "See pictures of a candidate and of her screen, where the test takes some and she has agreed.",
    Act.MESSAGE: "Write to a candidate.",
    Act.WARN: "Give a candidate a formal warning.",
    Act.PAUSE: "Stop a candidate's clocks.",
    Act.RESUME: "Let stopped clocks run again.",
    Act.EXTEND: "Move a deadline.",
    Act.ADMIT: "Let a candidate in who waits.",
    Act.ACKNOWLEDGE_HAND: "Tell a candidate that her hand was seen.",
    Act.ALLOW_DEVICE: "Allow a second device where the test binds its links.",
    Act.END: "Collect a paper.",
    Act.CANCEL: "Make an attempt void.",
    Act.REINSTATE: "Make a cancelled attempt valid again.",
    Act.REOPEN: "Let a candidate go on whose attempt has ended.",
    Act.ACCEPT: "Take as it stands what a candidate did not hand in in time.",
    Act.ACCOMMODATE: "Grant extra time in one attempt.",
    Act.APPLY_RULES: "Put changed rules of a test in force for an attempt that has started.",
    Act.GRANT_ATTEMPT: "Grant a candidate a further attempt.",
    Act.BRING_ANSWERS: "Bring a candidate's answers in the file that her page has saved.",
    Act.DECIDE_LATE: "Decide whether answers count that came after the end.",
    Act.READ_LOG: "Read the records of an attempt; those with answers or marks take the right to read these too.",
    Act.READ_ANSWERS: "Read a candidate's paper and answers.",
    Act.MARK: "Mark answers by hand.",
    Act.CORRECT_MARK: "Correct a mark after the marks are complete.",
    Act.REGRADE: "Mark attempts again with other keys.",
    Act.RELEASE: "Show the results of a test to its candidates.",
    Act.READ_RESULTS: "Read results and statistics.",
    Act.SHOW_RESULT: "Make a link that shows a candidate her result.",
    Act.READ_TESTS: "Read tests with their keys.",
    Act.WRITE_TESTS: "Store tests and their keys.",
    Act.ENROL: "Change who there is, the groups, and who may sit which test.",
    Act.OVERRIDE: "Change what a candidate or a group has beyond the rules of a test.",
    Act.GIVE_TOKENS: "Give tokens to others: of no role with more rights, and of no wider scope, than one's own.",
    Act.REVOKE: "Withdraw tokens.",
    Act.EXPORT: "Read everything that is kept of a person.",
    Act.ERASE: "Erase a person.",
    Act.READ_AUDIT: "Read the audit log of the organisation.",
    Act.SUBSCRIBE: "Read the events of the organisation, say who is told of them, and see to their delivery.",
    Act.KEEP_KEYS: "Make, renew and withdraw keys by which services call: of no role with more rights than one's own.",
    Act.RETAIN: "Say for how long the organisation keeps what it has.",
}
"""What each act is, in one sentence."""

_INVIGILATOR: Final = frozenset(
    {
        Act.LIST_TESTS,
        Act.WATCH,
        Act.SEE_CAPTURED,
        Act.MESSAGE,
        Act.WARN,
        Act.PAUSE,
        Act.RESUME,
        Act.EXTEND,
        Act.ADMIT,
        Act.ACKNOWLEDGE_HAND,
        Act.ALLOW_DEVICE,
        Act.BRING_ANSWERS,
    }
)
_CHIEF_INVIGILATOR: Final = _INVIGILATOR | {
    Act.END,
    Act.CANCEL,
    Act.REINSTATE,
    Act.REOPEN,
    Act.ACCEPT,
    Act.ACCOMMODATE,
    Act.APPLY_RULES,
    Act.GRANT_ATTEMPT,
    Act.READ_LOG,
    Act.GIVE_TOKENS,
}
_MARKER: Final = frozenset({Act.LIST_TESTS, Act.READ_ANSWERS, Act.MARK})
_INSTRUCTOR: Final = (
    _CHIEF_INVIGILATOR
    | _MARKER
    | {
        Act.CORRECT_MARK,
        Act.DECIDE_LATE,
        Act.REGRADE,
        Act.RELEASE,
        Act.READ_RESULTS,
        Act.SHOW_RESULT,
        Act.READ_TESTS,
        Act.ENROL,
        Act.OVERRIDE,
    }
)
_ADMINISTRATOR: Final = _INSTRUCTOR | {
    Act.WRITE_TESTS,
    Act.REVOKE,
    Act.EXPORT,
    Act.ERASE,
    Act.READ_AUDIT,
    Act.SUBSCRIBE,
    Act.KEEP_KEYS,
    Act.RETAIN,
}

RIGHTS: Final[dict[Role, frozenset[Act]]] = {
    Role.CANDIDATE: frozenset({Act.CONNECT, Act.SIT}),
    Role.INVIGILATOR: _INVIGILATOR,
    Role.CHIEF_INVIGILATOR: _CHIEF_INVIGILATOR,
    Role.MARKER: _MARKER,
    Role.INSTRUCTOR: _INSTRUCTOR,
    Role.ADMINISTRATOR: _ADMINISTRATOR,
    Role.SERVICE: _ADMINISTRATOR | {Act.SIT},
    Role.SYSTEM: frozenset(),
}
"""The whole table. What this server does by itself is no act of anybody: `kinds` says what it brings about."""

STAFF: Final = frozenset(Role) - {Role.CANDIDATE, Role.SYSTEM}
"""Whoever acts on the attempts of others."""


def may(role: Role, act: Act) -> bool:
    """Whether this role may do it at all."""
    return act in RIGHTS[role]


def roles_with(act: Act) -> frozenset[Role]:
    """The roles that may do it."""
    return frozenset(role for role, acts in RIGHTS.items() if act in acts)


def may_give(giver: Role, role: Role) -> bool:
    """Whether `giver` may give a token of `role`: none with an act that is not hers. To connect is no such act: every
    candidate does that for herself."""
    return may(giver, Act.GIVE_TOKENS) and role is not Role.SYSTEM and RIGHTS[role] <= RIGHTS[giver] | {Act.CONNECT}
