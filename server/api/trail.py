"""What each call of staff leaves behind: an entry of the organisation's audit log, a record in the log of an attempt,
or nothing, and why not. A test makes every call and looks (`tests/server/api/test_trail.py`).
"""

from typing import Final

from protocol.operations import OPERATIONS
from protocol.rules import audit
from server.api import staff

RECORD: Final = "a record in the log of the attempt"

_WATCHING: Final = "who sits, and how far: what a room's staff see all day"
_LISTS: Final = "the lists of those who keep them; a change of them leaves an entry"
_ACTS: Final = "what became of an act on many; that it was given is an entry"
_TOLD: Final = "what the organisation's own systems are told all day; who is told leaves an entry"
_ABLE: Final = "what the server can do, which is the same for everybody"
_HERS: Final = "a call for the candidate, which changes nothing in her log"

TRAIL: Final[dict[str, type[audit.Entry] | tuple[type[audit.Entry], ...] | str]] = {
    "PUT /tests/{test_id}": audit.TestStored,
    "POST /imports": audit.TestStored,
    "POST /oneroster": (audit.PersonChanged, audit.GroupChanged, audit.EnrolmentsChanged),
    "GET /tests/{test_id}": audit.KeysRead,
    "GET /tests/{test_id}/key": audit.KeysRead,
    # A dry run shows what everybody has.
    "POST /tests/{test_id}/regrades": (audit.Regraded, audit.ResultsRead),
    "POST /tests/{test_id}/release": audit.Released,
    "POST /tests/{test_id}/bulk": audit.BulkAct,
    "POST /test-attempts/{attempt_id}/grant-attempt": audit.OverrideChanged,
    "GET /tests/{test_id}/results": audit.ResultsRead,
    "GET /results": audit.ResultsRead,
    "GET /tests/{test_id}/statistics": audit.ResultsRead,
    "GET /tests/{test_id}/statistics.csv": audit.ResultsRead,
    "GET /tests/{test_id}/gradebook.csv": audit.ResultsRead,
    "GET /tests/{test_id}/gradebook.xlsx": audit.ResultsRead,
    "GET /tests/{test_id}/gradebook.parquet": audit.ResultsRead,
    "GET /tests/{test_id}/report.pdf": audit.ResultsRead,
    "GET /test-attempts/{attempt_id}/report.pdf": audit.ResultsRead,
    "GET /tests/{test_id}/analytics": audit.ResultsRead,
    "GET /test-attempts/{attempt_id}/analytics": audit.ResultsRead,
    "GET /tests/{test_id}/leaderboard": audit.ResultsRead,
    **{f"{method} /test-attempts/{{attempt_id}}/leaderboard": audit.LeaderboardChanged for method in ("PUT", "POST")},
    "GET /test-attempts/{attempt_id}/result": audit.ResultsRead,
    "GET /test-attempts/{attempt_id}/confirmation": audit.ResultsRead,
    "GET /test-attempts/{attempt_id}/result-versions": audit.ResultsRead,
    "GET /test-attempts/{attempt_id}/answers": audit.AnswersRead,
    "GET /test-attempts/{attempt_id}/essays": audit.AnswersRead,
    "GET /test-attempts/{attempt_id}/files": audit.AnswersRead,
    "GET /test-attempts/{attempt_id}/files/{hash}": audit.AnswersRead,
    "GET /test-attempts/{attempt_id}/captured-pictures": audit.CapturedPicturesRead,
    "DELETE /test-attempts/{attempt_id}/captured-pictures": audit.CapturedPicturesDeleted,
    "GET /test-attempts/{attempt_id}/late-answers": audit.AnswersRead,
    "POST /tests/{test_id}/marking-queue/claim": audit.AnswersRead,
    "GET /test-attempts/{attempt_id}/log": audit.LogRead,
    "POST /test-attempts/{attempt_id}/result-token": audit.TokenGiven,
    "POST /tokens": audit.TokenGiven,
    "POST /revocations": audit.TokensRevoked,
    "GET /users/{user_id}/skills": audit.ResultsRead,
    "GET /users/{user_id}/export": audit.PersonExported,
    "DELETE /users/{user_id}": audit.PersonErased,
    "PUT /people/{user_id}": audit.PersonChanged,
    "DELETE /people/{user_id}": audit.PersonChanged,
    "PUT /groups/{group_id}": audit.GroupChanged,
    "DELETE /groups/{group_id}": audit.GroupChanged,
    "PUT /groups/{group_id}/members/{user_id}": audit.MemberChanged,
    "DELETE /groups/{group_id}/members/{user_id}": audit.MemberChanged,
    "PUT /enrolments": audit.EnrolmentsChanged,
    "DELETE /enrolments": audit.EnrolmentsChanged,
    "POST /rosters": audit.EnrolmentsChanged,
    **{f"{method} /scim/v2/Users/{{user_id}}": audit.PersonChanged for method in ("PUT", "PATCH", "DELETE")},
    **{f"{method} /scim/v2/Groups/{{group_id}}": audit.GroupChanged for method in ("PUT", "PATCH", "DELETE")},
    "POST /scim/v2/Users": audit.PersonChanged,
    "POST /scim/v2/Groups": audit.GroupChanged,
    "PUT /test-attempts/{attempt_id}/alerts-seen": audit.AlertsSeen,
    "POST /api-keys": audit.ApiKeyChanged,
    "POST /api-keys/{key_id}/secret": audit.ApiKeyChanged,
    "DELETE /api-keys/{key_id}": audit.ApiKeyChanged,
    "POST /subscriptions": audit.SubscriptionChanged,
    "PUT /subscriptions/{subscription_id}": audit.SubscriptionChanged,
    "DELETE /subscriptions/{subscription_id}": audit.SubscriptionChanged,
    "POST /subscriptions/{subscription_id}/secret": audit.SubscriptionChanged,
    "POST /subscriptions/{subscription_id}/replay": audit.DeliveriesReplayed,
    "PUT /retention": audit.RetentionChanged,
    "PUT /tests/{test_id}/overrides/users/{user_id}": audit.OverrideChanged,
    "PUT /tests/{test_id}/overrides/groups/{group_id}": audit.OverrideChanged,
    "DELETE /tests/{test_id}/overrides/users/{user_id}": audit.OverrideChanged,
    "DELETE /tests/{test_id}/overrides/groups/{group_id}": audit.OverrideChanged,
    "PUT /overrides/users/{user_id}": audit.OverrideChanged,
    "PUT /overrides/groups/{group_id}": audit.OverrideChanged,
    "DELETE /overrides/users/{user_id}": audit.OverrideChanged,
    "DELETE /overrides/groups/{group_id}": audit.OverrideChanged,
    **dict.fromkeys(
        (
            "POST /test-attempts",
            "POST /test-attempts/{attempt_id}/late-answers",
            "POST /test-attempts/{attempt_id}/answer-file",
            "POST /test-attempts/{attempt_id}/late-answers/{late_id}/decision",
            "PUT /test-attempts/{attempt_id}/marks/{question_id}",
            *(f"POST /test-attempts/{{attempt_id}}/{name}" for name in ("start", "answers", "complete", "resume")),
            *(f"{command.method} {command.path}" for command in staff.ENDPOINTS),
            *(
                f"{method} /test-attempts/{{attempt_id}}/{handling.path}"
                for method in ("PUT", "POST")
                for handling in OPERATIONS.values()
                if handling.path is not None
            ),
        ),
        RECORD,
    ),
}
"""Method and path → the entry (one of several, by what is asked for) or the record. An entry about a change is written
in the transaction that makes it, one about a read before anything is shown. What is granted by `accommodate`, or where
an attempt is made, is an `OverrideChanged` too."""

NOTHING: Final[dict[str, str]] = {
    "POST /test-attempts/{attempt_id}/files": "a file that counts for nothing before the answer names it",
    "POST /test-attempts/{attempt_id}/captured-pictures": "a picture to which the log has the candidate's agreement",
    "POST /media": "a file that nobody sees before a test names it; a test that is stored leaves an entry",
    "GET /test-attempts/{attempt_id}/answer-file-key": "a public key, for the candidate",
    "GET /tests/{test_id}/safe-exam-browser": "an address where exams begin, and nothing of the test",
    "GET /tests": "titles alone, which everybody among staff sees",
    "GET /tests/{test_id}/versions": "which versions there are, by their titles; to read one leaves an entry",
    "GET /tests/{test_id}/attempts": _WATCHING,
    "GET /test-attempts": _WATCHING,
    "GET /test-attempts/{attempt_id}": _WATCHING,
    "GET /tests/{test_id}/groups": _WATCHING,
    "GET /tests/{test_id}/admission": _WATCHING,
    "GET /tests/{test_id}/expected": _WATCHING,
    "GET /tests/{test_id}/schedule-warnings": _WATCHING,
    "GET /tests/{test_id}/alerts-seen": _WATCHING,
    "GET /rooms": _WATCHING,
    "GET /server": "how the server is, and nobody's data",
    "GET /test-attempts/{attempt_id}/status": _WATCHING,
    "GET /test-attempts/{attempt_id}/paper": "questions, without their keys and without answers",
    "GET /tests/{test_id}/preview": "questions, without their keys and without answers",
    "GET /tests/{test_id}/lint": "remarks on how a test is written; they tell no key",
    "GET /tests/{test_id}/papers": "whether papers are equal, and in what they differ: no answer and no key",
    "GET /tests/{test_id}/regrades/{regrade_id}": "how far a regrade is; that it was asked for is an entry",
    "GET /tests/{test_id}/incidents": _WATCHING,
    "GET /tests/{test_id}/marking-queue": "which answers wait, without what they say; to take one leaves an entry",
    "POST /tests/{test_id}/marking-queue/release": "an answer that goes back, which leaves no more than was there",
    "GET /tests/{test_id}/bulk": _ACTS,
    "GET /bulk/{bulk_id}": _ACTS,
    "GET /bulk/{bulk_id}/left-out": _ACTS,
    "PUT /test-attempts/{attempt_id}/heartbeat": _HERS,
    "POST /test-attempts/{attempt_id}/heartbeat": _HERS,
    "GET /people/{user_id}": _LISTS,
    "GET /people": _LISTS,
    "GET /groups/{group_id}": _LISTS,
    "GET /groups": _LISTS,
    "GET /groups/{group_id}/members": _LISTS,
    "GET /enrolments": _LISTS,
    "GET /tests/{test_id}/overrides": _LISTS,
    "GET /overrides": _LISTS,
    **{f"GET {at}overrides/users/{{user_id}}": _LISTS for at in ("/", "/tests/{test_id}/")},
    **{f"GET {at}overrides/groups/{{group_id}}": _LISTS for at in ("/", "/tests/{test_id}/")},
    "GET /api-keys": _LISTS,
    "GET /api-keys/{key_id}": _LISTS,
    "GET /subscriptions": _TOLD,
    "GET /subscriptions/{subscription_id}": _TOLD,
    "GET /events": _TOLD,
    "GET /deliveries": _TOLD,
    "GET /subscriptions/{subscription_id}/deliveries/{event_id}": _TOLD,
    **{f"GET /scim/v2/{name}": _LISTS for name in ("Users", "Users/{user_id}", "Groups", "Groups/{group_id}")},
    **{f"GET /scim/v2/{name}": _ABLE for name in ("ServiceProviderConfig", "ResourceTypes", "Schemas")},
    **{f"GET /scim/v2/{name}": _ABLE for name in ("ResourceTypes/{type_id}", "Schemas/{schema_id}")},
    "GET /retention": _LISTS,
    "GET /retention/preview": "how much is old enough, and nothing of it",
    "GET /audit": "each page that is read would be the next entry on it",
}
"""Method and path → why it leaves nothing."""


def entries_of(left: type[audit.Entry] | tuple[type[audit.Entry], ...] | str) -> tuple[type[audit.Entry], ...]:
    """The kinds of entries that a row of `TRAIL` has."""
    return left if isinstance(left, tuple) else () if isinstance(left, str) else (left,)
