"""Finds the attempt or test that a call names, if the caller may see it."""

from collections.abc import Callable
from typing import Annotated, Final

from msgspec import Meta

from protocol.attempt.clocks import first_deadline
from protocol.attempt.model import Identity, Role
from protocol.codes import Code
from protocol.errors import Refusal, Refused, refuse
from protocol.ids import normalize_id, read_address_id, read_id
from server.access.blind import is_blind, only_marks
from server.access.finding import find_for, groups_for
from server.access.standing import check_token
from server.api.endpoint import Call
from server.api.query import Query
from server.attempts.live import LiveAttempt
from server.attempts.pending import Done
from server.ids import canonical_id
from server.orders import why_gone
from storage.attempts import identity_of
from storage.tests import StoredTest

_PART: Final = "This token is limited to a part of the organisation, and this concerns more than that."


async def find_attempt(call: Call, *, comes: bool = False, for_result: bool = False) -> LiveAttempt:
    """The attempt that the path names. An attempt that the caller may not see is answered exactly like one that does
    not exist. `comes`: the call asks for a connection, so the attempt's log decides on the device. `for_result`: it
    asks for the result alone, which a token may still show when it opens nothing else, on any device."""
    attempt_id = await _attempt_named(call)
    live = await find_for(call.node, call.principal, attempt_id)
    if live is None:
        gone = None if attempt_id is None else await why_gone(call.node, call.principal, attempt_id)
        raise Refused(gone or refuse(Code.NOT_FOUND))
    principal = call.principal
    now_ms = call.node.clock.now_ms()
    await check_token(principal, live, now_ms, for_result=for_result)
    any_device = comes or (for_result and principal.shows_result_alone(live.committed, now_ms))
    if live.terms.link_opens_once and principal.role is Role.CANDIDATE and not any_device:
        bound_to = (await live.newest()).device
        if bound_to is None or call.device != bound_to:
            raise Refused(refuse(Code.LINK_USED))
    return live


async def _attempt_named(call: Call) -> str | None:
    """The id of the attempt that the path names; None: of none that this caller could mean. Whoever marks blind names
    attempts by their handles alone."""
    named, principal = canonical_id(call.path["attempt_id"]), call.principal
    if named is None or not only_marks(principal):
        return named
    attempt_id = await call.node.marking_tasks.for_org(principal.org_id).attempt_of(named)
    if attempt_id is not None:
        return attempt_id
    live = await find_for(call.node, principal, named)
    rules = None if live is None else await call.node.tests.rules(principal.org_id, live.committed.identity.test_id)
    return None if rules is not None and is_blind(principal, rules) else named


async def find_kept(call: Call, *, for_result: bool = False) -> Identity:
    """As `find_attempt`, for what needs no log: staff have it also where that is in an archive, and the candidate what
    is about her result."""
    principal = call.principal
    try:
        return (await find_attempt(call, for_result=for_result)).committed.identity
    except Refused as error:
        is_hers = for_result or principal.role is not Role.CANDIDATE
        if error.refusal.code is not Code.ARCHIVED or not is_hers or only_marks(principal):
            raise
    if principal.has_expired(call.node.clock.now_ms()):
        raise Refused(refuse(Code.TOKEN_EXPIRED))
    card = await call.node.attempts.for_org(principal.org_id).identity(canonical_id(call.path["attempt_id"]) or "")
    assert card is not None, "an attempt that was found has a row"
    return identity_of(card)


def whose(live: LiveAttempt) -> tuple[str, str, str]:
    """(test, attempt, user), as entries of the audit log name an attempt."""
    return as_named(live.committed.identity)


def as_named(identity: Identity) -> tuple[str, str, str]:
    """The same of an attempt that needs no log."""
    return identity.test_id, identity.attempt_id, identity.user_id


def connection_of(call: Call) -> str | None:
    """The connection that a candidate acts through; None for a service that acts on her behalf. Raises `Refused`."""
    if call.principal.role is not Role.CANDIDATE:
        return None
    connection_id: str | None = call.body.connection_id
    if connection_id is None:
        raise Refused(refuse(Code.MISSING_FIELD, "The field connection_id is missing: call resume first."))
    return connection_id


def heard_over_rest(call: Call, live: LiveAttempt, connection_id: str) -> None:
    """Notes a sign of life of a connection over REST. A socket needs none: it reports its own end."""
    now_ms = call.node.clock.now_ms()
    call.node.seats.heard_of(live, now_ms)
    attempt = live.committed
    deadline_ms = first_deadline(attempt.clocks)
    if deadline_ms is not None and now_ms >= deadline_ms:
        # What she does after her deadline must not hide that nobody could hear her before it.
        return
    if attempt.connection_id == connection_id and attempt.holder is None:
        call.node.contacts.heard(live.attempt_id, connection_id, now_ms)


async def find_test(call: Call, test_id: str) -> StoredTest:
    """The newest version of a test of the caller's organisation. A body names it as people write it."""
    principal, test_id = call.principal, normalize_id(test_id)
    test = None
    if principal.may_see_test(test_id):
        test = await call.node.papers.newest(principal.org_id, test_id)
    if test is None:
        raise Refused(refuse(Code.NOT_FOUND))
    return test


VERSION: Final = Query("version", Annotated[int, Meta(ge=1, le=2_147_483_647)], says="An older version.")


async def find_version(call: Call) -> StoredTest:
    """The test that the path names: its newest version, or the one that the query asks for (`VERSION`)."""
    test = await find_test(call, call.path["test_id"])
    version: int | None = call.query.get(VERSION.name)
    if version is None:
        return test
    old = await call.node.tests.get(test.org_id, test.test_id, version)
    if old is None:
        raise Refused(refuse(Code.NOT_FOUND, "This test has no such version."))
    return old


async def in_scope(call: Call, test_id: str, user_id: str) -> None:
    """For what concerns one candidate of a test. Raises `Refused(not_found)` unless all her attempts at it are in the
    caller's scope: of somebody without attempts a limited token knows nothing."""
    principal = call.principal
    if principal.may_see_all_of(test_id):
        return
    earlier = await call.node.attempts.of_user(principal.org_id, test_id, user_id)
    cards = [await call.node.attempts.for_org(principal.org_id).identity(one.attempt_id) for one in earlier]
    groups = await groups_for(call.node, principal, user_id)
    if not cards or not all(card is not None and principal.may_see(identity_of(card), groups) for card in cards):
        raise Refused(refuse(Code.NOT_FOUND))


def whole_test(call: Call, test_id: str) -> None:
    """For what concerns every attempt at a test. Raises `Refused(forbidden)` for a token that is limited to some."""
    if not call.principal.may_see_all_of(test_id):
        raise Refused(refuse(Code.FORBIDDEN, _PART))


def any_whole_test(call: Call) -> None:
    """For what concerns tests, whichever. Raises `Refused(forbidden)` for a token that reaches no test as a whole."""
    if not call.principal.may_see_whole_tests:
        raise Refused(refuse(Code.FORBIDDEN, _PART))


def whole_organisation(call: Call) -> None:
    """For what concerns the whole organisation. Raises `Refused(forbidden)` for a token that is limited to a part."""
    if not call.principal.may_see_all:
        raise Refused(refuse(Code.FORBIDDEN, _PART))


def done(outcome: Done | Refusal) -> Done:
    """The outcome of a command. Raises its refusal."""
    if isinstance(outcome, Refusal):
        raise Refused(outcome)
    return outcome


def named_id(field: str, text: str) -> str:
    """A new id that the call introduces, in canonical form. Raises `Refused(invalid_id)`."""
    return _read(read_id, field, text)


def named_address(field: str, text: str) -> str:
    """The same of what has an address of its own, in which it stands beside other things."""
    return _read(read_address_id, field, text)


def _read(read: Callable[[str], str], field: str, text: str) -> str:
    try:
        return read(text)
    except ValueError as error:
        raise Refused(refuse(Code.INVALID_ID, f"The field {field} {error}.")) from None
