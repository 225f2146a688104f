"""Bodies about how a test is written."""

from typing import Literal

from protocol.messages.base import Int
from protocol.rest.body import Body

FindingCode = Literal[
    "consent_required",
    "correct_is_not_best",
    "equal_options",
    "key_never_counts",
    "limits_exceed_duration",
    "missing_alt",
    "missing_file",
    "no_table_headers",
    "rule_without_effect",
    "telling_ids",
    "too_long_to_read",
    "unreachable_points",
    "untypable_key",
]


class Finding(Body, frozen=True, kw_only=True):
    """Something that its author should look at. `where` is a part of the test in words ("question 'one', part 'b'");
    `question_id` and `response_id` name it, where it is a question or an interaction. `says` is a sentence. It tells no
    key."""

    code: FindingCode
    where: str
    says: str
    question_id: str | None = None
    response_id: str | None = None


class LintReply(Body, frozen=True, kw_only=True):
    """What was found in the newest version of a test, in its order."""

    test_id: str
    version: Int
    findings: list[Finding]
