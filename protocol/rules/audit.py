"""The organisation's audit log: what was done that stands in the log of no attempt.

Each entry is chained to the one before, as the records of an attempt are. Its body is digested under a key of its own,
so that entries can be emptied that are about an erased person, or old enough, and the chain still holds. `PersonErased`
and `EntriesDropped` name those.
"""

from collections.abc import Iterable
from hashlib import sha256
from typing import Final, NamedTuple, get_args

import msgspec

from protocol import limits
from protocol.attempt.chain import BrokenChain, Line, digest_of, header_of, link, open_line
from protocol.attempt.model import Actor
from protocol.rules.retention import DAY_MS


class Entry(msgspec.Struct, frozen=True, tag_field="t", omit_defaults=True):
    """What was done. `subject` is the person whom it is about, `of_test` the test, if it is about one."""

    @property
    def subject(self) -> str | None:
        return None

    @property
    def of_test(self) -> str | None:
        return getattr(self, "test_id", None) or None


class TestStored(Entry, frozen=True, tag="test_stored"):
    """A version of a test was stored; with `questions_changed` its questions or their keys are others."""

    __test__ = False

    test_id: str
    version: int
    questions_changed: bool


class TokenGiven(Entry, frozen=True, tag="token_given"):
    """A token was given to `user_id`; a limit that is nil does not limit it."""

    token_id: str
    role: str
    user_id: str
    expires_at_ms: int
    attempt_id: str | None = None
    branches: tuple[str, ...] | None = None
    tests: tuple[str, ...] | None = None
    groups: tuple[str, ...] | None = None

    @property
    def subject(self) -> str:
        return self.user_id


class TokensRevoked(Entry, frozen=True, tag="tokens_revoked"):
    """One token, or all of a user, were withdrawn."""

    token_id: str | None
    user_id: str | None
    reason: str

    @property
    def subject(self) -> str | None:
        return self.user_id


class ResultsRead(Entry, frozen=True, tag="results_read"):
    """Staff read the result of one attempt, or (nil) the results of a test. With `key_version` they asked what the keys
    of that version would make of them."""

    test_id: str
    attempt_id: str | None = None
    user_id: str | None = None
    key_version: int | None = None

    @property
    def subject(self) -> str | None:
        return self.user_id


class KeysRead(Entry, frozen=True, tag="keys_read"):
    """A test was read with the keys of this version."""

    test_id: str
    version: int


class LogRead(Entry, frozen=True, tag="log_read"):
    """Staff read the records of an attempt after number `after`."""

    test_id: str
    attempt_id: str
    user_id: str
    after: int = 0

    @property
    def subject(self) -> str:
        return self.user_id


class AnswersRead(Entry, frozen=True, tag="answers_read"):
    """Staff read answers of an attempt: all, those that a person marks, files, or what came late (`what`: `answers`,
    `essays`, `files` or `late`)."""

    test_id: str
    attempt_id: str
    user_id: str
    what: str

    @property
    def subject(self) -> str:
        return self.user_id


class CapturedPicturesRead(Entry, frozen=True, tag="captured_pictures_read"):
    """Staff were shown so many pictures of a candidate, from her camera or of her screen (`source`)."""

    test_id: str
    attempt_id: str
    user_id: str
    source: str
    pictures: int

    @property
    def subject(self) -> str:
        return self.user_id


class CapturedPicturesDeleted(Entry, frozen=True, tag="captured_pictures_deleted"):
    """All pictures of a candidate from her camera, or of her screen (`source`), were deleted before their time: there
    were so many."""

    test_id: str
    attempt_id: str
    user_id: str
    source: str
    pictures: int

    @property
    def subject(self) -> str:
        return self.user_id


class PersonExported(Entry, frozen=True, tag="person_exported"):
    """All that is kept of a person was read."""

    user_id: str

    @property
    def subject(self) -> str:
        return self.user_id


class PersonErased(Entry, frozen=True, tag="person_erased"):
    """A person was erased, who is `alias` from now on. `emptied`: the entries about her; they have no body any more."""

    alias: str
    attempts: int
    emptied: tuple[int, ...]


class PersonChanged(Entry, frozen=True, tag="person_changed"):
    """Who somebody is was said anew, or she was taken out of the organisation."""

    user_id: str
    removed: bool = False

    @property
    def subject(self) -> str:
        return self.user_id


class GroupChanged(Entry, frozen=True, tag="group_changed"):
    """A group was made, got another title, or was removed with all that it was granted."""

    group_id: str
    removed: bool = False


class MemberChanged(Entry, frozen=True, tag="member_changed"):
    """Somebody was put into a group, or taken out of it."""

    group_id: str
    user_id: str
    removed: bool = False

    @property
    def subject(self) -> str:
        return self.user_id


class EnrolmentsChanged(Entry, frozen=True, tag="enrolments_changed"):
    """Who may sit a test or a course was changed: one user or group, or a roster (`who_id` nil) with so many people."""

    to_kind: str
    to_id: str
    who_kind: str
    who_id: str | None
    people: int = 1
    removed: bool = False

    @property
    def subject(self) -> str | None:
        return self.who_id if self.who_kind == "user" else None

    @property
    def of_test(self) -> str | None:
        return self.to_id if self.to_kind == "test" else None


class OverrideChanged(Entry, frozen=True, tag="override_changed"):
    """What somebody has beyond the rules was changed, for one test or for all (`test_id` empty)."""

    test_id: str
    who_kind: str
    who_id: str
    reason: str
    removed: bool = False

    @property
    def subject(self) -> str | None:
        return self.who_id if self.who_kind == "user" else None


class Released(Entry, frozen=True, tag="released"):
    """The results of a test were shown to its candidates, or are held back again."""

    test_id: str
    reason: str
    taken_back: bool = False


class Regraded(Entry, frozen=True, tag="regraded"):
    """Attempts at a test were marked again with the keys of another version."""

    test_id: str
    key_version: int
    reason: str


class BulkAct(Entry, frozen=True, tag="bulk_act"):
    """One command was given for many attempts at a test."""

    test_id: str
    command: str
    attempts: int
    reason: str


class SubscriptionChanged(Entry, frozen=True, tag="subscription_changed"):
    """Who is told of events was changed: a subscription was `made`, `changed`, `removed`, or switched `off` because its
    receiver wants nothing any more; or it got a new `secret`."""

    subscription_id: str
    what: str


class ApiKeyChanged(Entry, frozen=True, tag="api_key_changed"):
    """A key by which the service `user_id` calls was `made`, `renewed` (it has a new secret) or `revoked`."""

    key_id: str
    what: str
    role: str
    user_id: str

    @property
    def subject(self) -> str:
        return self.user_id


class DeliveriesReplayed(Entry, frozen=True, tag="deliveries_replayed"):
    """So many deliveries of a subscription that had been given up are tried again."""

    subscription_id: str
    deliveries: int


class AlertsSeen(Entry, frozen=True, tag="alerts_seen"):
    """Staff have seen what they were alerted of in an attempt until `until_ms`; nil: they took that back."""

    test_id: str
    attempt_id: str
    user_id: str
    until_ms: int | None = None

    @property
    def subject(self) -> str:
        return self.user_id


class LogsArchived(Entry, frozen=True, tag="logs_archived"):
    """The logs of so many attempts went from the database into the archive of this name, or (`restored`) came back from
    it."""

    archive: str
    attempts: int
    restored: bool = False


class ArchiveDropped(Entry, frozen=True, tag="archive_dropped"):
    """The archive of this name was deleted, with the keys of the logs of so many attempts."""

    archive: str
    attempts: int


class RetentionChanged(Entry, frozen=True, tag="retention_changed"):
    """Logs go into archives, archives are deleted, entries of this log lose what they say, what was delivered is
    forgotten, and files that no test names are deleted, after so many days; nil: as the operator has it."""

    archive_after_days: int | None
    drop_after_days: int | None
    audit_days: int | None = None
    delivery_days: int | None = None
    media_days: int | None = None


class MediaDropped(Entry, frozen=True, tag="media_dropped"):
    """So many files, of so many bytes together, were deleted by the organisation's rule: no test has named them for
    long."""

    files: int
    bytes: int


class EntriesDropped(Entry, frozen=True, tag="entries_dropped"):
    """All entries up to number `upto` were old enough by the organisation's rule: they have no body any more."""

    upto: int


class LeaderboardChanged(Entry, frozen=True, tag="leaderboard_changed"):
    """Staff took a candidate off the leaderboard of a test, or a service put her there in her name (`stands`)."""

    test_id: str
    user_id: str
    stands: bool

    @property
    def subject(self) -> str:
        return self.user_id


AnyEntry = (
    TestStored
    | TokenGiven
    | TokensRevoked
    | ResultsRead
    | KeysRead
    | LogRead
    | AnswersRead
    | CapturedPicturesRead
    | CapturedPicturesDeleted
    | PersonExported
    | PersonErased
    | PersonChanged
    | GroupChanged
    | MemberChanged
    | EnrolmentsChanged
    | OverrideChanged
    | Released
    | Regraded
    | BulkAct
    | SubscriptionChanged
    | DeliveriesReplayed
    | ApiKeyChanged
    | AlertsSeen
    | LogsArchived
    | ArchiveDropped
    | RetentionChanged
    | MediaDropped
    | EntriesDropped
    | LeaderboardChanged
)


def kind_of_type(kind: type[Entry]) -> str:
    """The kind of entries of this type, as headers say it."""
    return str(kind.__struct_config__.tag)


ENTRIES: Final[dict[str, type[Entry]]] = {kind_of_type(kind): kind for kind in get_args(AnyEntry)}
"""Kind → its type."""

_EMPTY_OTHERS: Final = {kind_of_type(PersonErased), kind_of_type(EntriesDropped)}


class Body(msgspec.Struct, frozen=True):
    """The part of an entry that can be emptied: who acted, and what was done."""

    by: str
    entry: AnyEntry


_encode: Final = msgspec.msgpack.Encoder().encode
_decode: Final = msgspec.msgpack.Decoder(Body).decode


class BrokenAudit(Exception):
    """An audit log whose bytes are not those that were written. `seq` is the first entry that does not fit."""

    def __init__(self, org_id: str, seq: int, what: str) -> None:
        super().__init__(f"audit log of {org_id}, entry {seq}: {what}")
        self.org_id = org_id
        self.seq = seq
        self.what = what


class Kept(NamedTuple):
    """An entry as it is stored, not checked. An emptied one has neither body nor key."""

    line: Line
    key: bytes | None


def seed(org_id: str) -> bytes:
    """The hash before the first entry: it ties the chain to its organisation."""
    return sha256(b"pencilsdown audit 1\n" + org_id.encode()).digest()


def seal(head: bytes, key: bytes, seq: int, at_ms: int, by: Actor, entry: AnyEntry) -> Kept:
    """Entry `seq`, chained to the hash `head` of its predecessor, under a `key` of its own."""
    kind, role = kind_of_type(type(entry)), by.role.value
    body = _encode(Body(by.id, entry))
    digest = digest_of(key, body)
    return Kept(Line(seq, at_ms, kind, role, digest, body, link(head, header_of(seq, at_ms, kind, role), digest)), key)


def read_body(body: bytes) -> Body | None:
    """What a body says; None where a newer version wrote it, or it is no body."""
    try:
        return _decode(body)
    except (ValueError, RecursionError):
        return None


class AuditCheck:
    """Checks the entries of one organisation, in their order. `head` is the hash of the last one that was taken."""

    def __init__(self, org_id: str) -> None:
        self.head = seed(org_id)
        self.seq = 0
        self._org_id = org_id
        self._empty: dict[int, int] = {}
        """When each entry was written whose body is gone, and nothing has said why yet."""

    def take(self, entries: Iterable[Kept]) -> None:
        """Takes the next entries. Raises `BrokenAudit` at the first that does not fit."""
        for line, key in entries:
            try:
                open_line(self._org_id, self.head, self.seq + 1, line)
            except BrokenChain as broken:
                raise BrokenAudit(self._org_id, broken.seq, broken.what) from None
            self.seq, self.head = line.seq, line.hash
            if line.body is None or key is None:
                self._empty[line.seq] = line.at_ms
            elif digest_of(key, line.body) != line.digest:
                raise BrokenAudit(self._org_id, line.seq, "the body is not the one that was written")
            elif line.kind in _EMPTY_OTHERS and (said := read_body(line.body)) is not None:
                self._explain(said.entry, line.at_ms)

    def _explain(self, entry: AnyEntry, at_ms: int) -> None:
        """The entry says why bodies before it are gone. Whoever empties what is younger than any rule allows hides
        something."""
        match entry:
            case PersonErased(emptied=emptied):
                for seq in emptied:
                    self._empty.pop(seq, None)
            case EntriesDropped(upto=upto):
                old_ms = at_ms - limits.MIN_AUDIT_DAYS * DAY_MS
                self._empty = {seq: ms for seq, ms in self._empty.items() if seq > upto or ms > old_ms}

    def finish(self) -> None:
        """There are no more. Raises `BrokenAudit` where a body is gone that neither an erasure nor its age has
        taken."""
        if self._empty:
            raise BrokenAudit(self._org_id, min(self._empty), "the body is gone, and no entry says why")
