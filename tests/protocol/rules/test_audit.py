"""An audit log is a chain: what was changed, removed, inserted or emptied without an erasure is found."""

from collections.abc import Callable

import pytest

from protocol import limits
from protocol.attempt.chain import KEY_BYTES
from protocol.attempt.model import Actor, Role
from protocol.rules.audit import (
    ENTRIES,
    AnyEntry,
    AuditCheck,
    BrokenAudit,
    EntriesDropped,
    Entry,
    Kept,
    PersonErased,
    PersonExported,
    ResultsRead,
    TestStored,
    TokensRevoked,
    kind_of_type,
    read_body,
    seal,
    seed,
)
from protocol.rules.retention import DAY_MS

BY = Actor(Role.ADMINISTRATOR, "grace")
ABOUT_ADA = (PersonExported("ada"), TokensRevoked(None, "ada", "lost"), ResultsRead("t", "a", "ada"))


def chained(*entries: AnyEntry, org_id: str = "school", apart_ms: int = limits.MIN_AUDIT_DAYS * DAY_MS) -> list[Kept]:
    kept: list[Kept] = []
    for entry in entries:
        head = kept[-1].line.hash if kept else seed(org_id)
        seq = len(kept) + 1
        kept.append(seal(head, bytes([seq]) * KEY_BYTES, seq, apart_ms * seq, BY, entry))
    return kept


def checked(kept: list[Kept], org_id: str = "school") -> None:
    check = AuditCheck(org_id)
    check.take(kept)
    check.finish()


def emptied(kept: list[Kept], *numbers: int) -> list[Kept]:
    return [Kept(one.line._replace(body=None), None) if one.line.seq in numbers else one for one in kept]


def test_what_was_written_is_read() -> None:
    kept = chained(*ABOUT_ADA)
    checked(kept)
    bodies = [read_body(one.line.body or b"") for one in kept]
    assert [body.entry for body in bodies if body is not None] == list(ABOUT_ADA)
    assert {body.by for body in bodies if body is not None} == {"grace"}
    assert [one.line.kind for one in kept] == ["person_exported", "tokens_revoked", "results_read"]


def test_every_kind_has_a_name_and_says_whom_it_is_about() -> None:
    assert set(ENTRIES.values()) == set(Entry.__subclasses__())
    assert all(kind_of_type(type(entry)) in ENTRIES for entry in ABOUT_ADA)
    assert [entry.subject for entry in ABOUT_ADA] == ["ada"] * 3
    assert TestStored("t", 1, True).subject is None


CHANGES: dict[str, Callable[[list[Kept]], list[Kept]]] = {
    "an entry is gone": lambda kept: [kept[0], kept[2]],
    "the first is gone": lambda kept: kept[1:],
    "two have changed places": lambda kept: [kept[1], kept[0], kept[2]],
    "an instant": lambda kept: [*kept[:2], Kept(kept[2].line._replace(at_ms=1), kept[2].key)],
    "a role": lambda kept: [*kept[:2], Kept(kept[2].line._replace(role="service"), kept[2].key)],
    "a kind": lambda kept: [*kept[:2], Kept(kept[2].line._replace(kind="test_stored"), kept[2].key)],
    "a body": lambda kept: [*kept[:2], Kept(kept[2].line._replace(body=b"x"), kept[2].key)],
    "a digest": lambda kept: [*kept[:2], Kept(kept[2].line._replace(digest=bytes(32)), kept[2].key)],
    "a key": lambda kept: [*kept[:2], Kept(kept[2].line, bytes(32))],
    "a body that is gone": lambda kept: emptied(kept, 2),
    "another organisation's": lambda kept: chained(*ABOUT_ADA, org_id="college"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_was_changed_is_found(change: str) -> None:
    with pytest.raises(BrokenAudit, match="audit log of school, entry "):
        checked(CHANGES[change](chained(*ABOUT_ADA)))


def test_what_an_erasure_has_emptied_holds_and_nothing_else_does() -> None:
    kept = chained(*ABOUT_ADA, PersonErased("erased-1", 1, (1, 2, 3)), TestStored("t", 2, True))
    checked(emptied(kept, 1, 2, 3))
    with pytest.raises(BrokenAudit, match="entry 5: the body is gone, and no entry says why"):
        checked(emptied(kept, 1, 2, 3, 5))


def test_what_was_old_enough_holds_up_to_the_number_that_is_said() -> None:
    kept = chained(*ABOUT_ADA, EntriesDropped(2), TestStored("t", 2, True))
    checked(emptied(kept, 1, 2))
    with pytest.raises(BrokenAudit, match="entry 3: the body is gone, and no entry says why"):
        checked(emptied(kept, 1, 2, 3))
    # What says so may be old one day too.
    twice = chained(*ABOUT_ADA, PersonErased("erased-1", 1, (1,)), EntriesDropped(3), EntriesDropped(5))
    checked(emptied(twice, 1, 2, 3, 4, 5))
    with pytest.raises(BrokenAudit, match="entry 5"):
        checked(emptied(chained(*ABOUT_ADA, EntriesDropped(9), TestStored("t", 2, True)), 5))


def test_nothing_is_old_enough_that_no_rule_may_empty() -> None:
    young = chained(*ABOUT_ADA, EntriesDropped(3), apart_ms=limits.MIN_AUDIT_DAYS * DAY_MS - 1)
    checked(emptied(young, 1, 2))
    with pytest.raises(BrokenAudit, match="entry 3: the body is gone, and no entry says why"):
        checked(emptied(young, 1, 2, 3))


def test_pages_are_checked_one_after_the_other() -> None:
    kept = chained(*ABOUT_ADA)
    check = AuditCheck("school")
    for one in kept:
        check.take([one])
    check.finish()
    assert (check.seq, check.head) == (3, kept[-1].line.hash)


def test_what_a_newer_version_says_is_no_body_here() -> None:
    assert read_body(b"\x82\xa2by\xa1x\xa5entry\x81\xa1t\xa7of_1999") is None
