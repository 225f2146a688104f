"""All rules, and what they find in a test."""

from collections.abc import Callable, Collection, Iterator
from typing import Final

from protocol.content import TestContent
from protocol.lint.consent import consent_required
from protocol.lint.keys import untypable_key
from protocol.lint.markup import missing_alt, missing_file, no_table_headers
from protocol.lint.options import equal_options
from protocol.lint.places import Place
from protocol.lint.points import correct_is_not_best, key_never_counts, unreachable_points
from protocol.lint.telling import telling_ids
from protocol.lint.time import limits_exceed_duration, too_long_to_read
from protocol.rest.lint import Finding
from protocol.rules.consistency import oddities


def rule_without_effect(content: TestContent) -> Iterator[Finding]:
    """Rules that change nothing as the test is now."""
    for said in oddities(content):
        yield Place("rules").found("rule_without_effect", said)


RULES: Final[tuple[Callable[[TestContent], Iterator[Finding]], ...]] = (
    missing_alt,
    no_table_headers,
    equal_options,
    unreachable_points,
    correct_is_not_best,
    key_never_counts,
    untypable_key,
    telling_ids,
    too_long_to_read,
    limits_exceed_duration,
    consent_required,
    rule_without_effect,
)
"""Each gives what it finds. `missing_file` asks for more than the test, and is run beside them."""


def lint(content: TestContent, stored: Collection[str] | None = None) -> list[Finding]:
    """What is found in a checked test: what concerns the whole first, then question by question in their order.
    `stored` has the hashes of the files that are there; None: that is not known."""
    found = [finding for rule in RULES for finding in rule(content)]
    if stored is not None:
        found += missing_file(content, stored)
    order = {question.question_id: at for at, question in enumerate(content.questions)}
    return sorted(found, key=lambda one: -1 if one.question_id is None else order[one.question_id])
