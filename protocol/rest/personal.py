"""Everything that is kept of a person, and that it is gone."""

from typing import Any

import msgspec

from protocol.messages.base import Int
from protocol.messages.monitor import FormalWarning
from protocol.messages.state import SavedAnswer
from protocol.rest.body import Body
from protocol.rest.results import Result


class ErasureReply(Body, frozen=True, kw_only=True):
    """Everything personal is gone. `attempts`: how many the person had; 0: nothing was there (any more)."""

    attempts: Int


class ExportedRecord(Body, frozen=True, kw_only=True):
    """One record of a log: when it was received, who acted, and what happened."""

    seq: Int
    at_ms: Int
    kind: str
    role: str
    by: str
    fact: dict[str, Any]


class ExportedFile(Body, frozen=True, kw_only=True):
    """A file that was handed in; `data` in base64."""

    hash: str
    type: str
    size: Int
    created_at_ms: Int
    data: str


class ExportedPicture(Body, frozen=True, kw_only=True):
    """A picture from her camera or of her screen (`source`); `data` in base64."""

    source: str
    at_ms: Int
    delete_at_ms: Int
    type: str
    data: str


class ExportedAttempt(Body, frozen=True, kw_only=True):
    """All that is kept of one attempt; `test_version` is nil where it was never started. `warnings` are formal.
    Messages of staff, addresses and browsers are also in the records. Where these are in an archive it has this name:
    whoever runs the server can bring them back, and export again."""

    attempt_id: str
    test_id: str
    test_version: Int | None
    form_id: str | None
    branch_id: str | None
    attempt_number: Int
    display_name: str
    status: str
    started_at_ms: Int | None
    ended_at_ms: Int | None
    ip_address: str | None
    user_agent: str | None
    answers: list[SavedAnswer]
    result: Result | None
    warnings: list[FormalWarning]
    log: list[ExportedRecord]
    files: list[ExportedFile]
    captured_pictures: list[ExportedPicture]
    archive: str | None = None


class ExportedRevocation(Body, frozen=True, kw_only=True):
    """A withdrawal of all tokens that the person had."""

    revoked_at_ms: Int
    revoked_by: str
    reason: str


class ExportedEnrolment(Body, frozen=True, kw_only=True):
    """What the person herself is enrolled for: a test or a course (`to_kind`)."""

    to_kind: str
    to_id: str
    form_id: str | None
    has_access_code: bool


class ExportedOverride(Body, frozen=True, kw_only=True):
    """What the person herself is granted, at one test or (`test_id` nil) at every test."""

    test_id: str | None
    override: dict[str, Any]
    changed_at_ms: Int
    reason: str


class ExportedAccount(Body, frozen=True, kw_only=True):
    """What an identity provider has said of the person by SCIM."""

    user_name: str
    external_id: str | None
    given_name: str | None
    family_name: str | None


class ExportedStand(Body, frozen=True, kw_only=True):
    """That she chose to stand on the leaderboard of a test, under a pseudonym or (nil) her number there."""

    test_id: str
    number: Int
    pseudonym: str | None
    since_ms: Int


class ExportedPerson(Body, frozen=True, kw_only=True):
    """What the organisation has said of the person. The name is empty where it has said none.

    `by_provider` nil: no identity provider has said anything of her. `mail_stopped_at_ms`: since when she gets no
    letters but those that she must get; nil: she has not asked for that.
    """

    name: str
    email: str | None
    branch_id: str | None
    groups: list[str]
    enrolments: list[ExportedEnrolment]
    overrides: list[ExportedOverride]
    mail_stopped_at_ms: Int | None = None
    by_provider: ExportedAccount | None = None
    leaderboards: list[ExportedStand] = msgspec.field(default_factory=list)


class PersonExport(Body, frozen=True, kw_only=True):
    """Everything that is kept of a person."""

    org_id: str
    user_id: str
    exported_at_ms: Int
    person: ExportedPerson
    attempts: list[ExportedAttempt]
    revocations: list[ExportedRevocation]
