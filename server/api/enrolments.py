"""Who may sit which test."""

from protocol.codes import Code
from protocol.errors import Refused, refuse
from protocol.ids import read_address_id
from protocol.messages.base import Id
from protocol.rest.enrolments import EnrolmentBody, EnrolmentList, EnrolmentReply
from protocol.rest.removed import Removed
from protocol.rules.access_codes import digest_of_code, plain_code
from protocol.rules.audit import EnrolmentsChanged
from protocol.rules.rights import Act
from server.api.endpoint import Call, Endpoint
from server.api.lines import Lines
from server.api.lookup import find_test, named_address, named_id
from server.api.paging import PAGING, next_of, order_of
from server.api.people import WHOSE, org_of, whose
from server.api.query import Query
from storage.enrolments import COURSE, TEST, Enrolment, Key
from storage.overrides import EVERY_TEST, Who
from storage.people import GROUP, USER


async def _key(call: Call, named: dict[str, str | None]) -> Key:
    """Who and what the call names. Raises `Refused` where it does not name one of each, or what is not there."""
    to_kind, to_id = one_of(named, TEST, COURSE)
    who_kind, who_id = one_of(named, USER, GROUP)
    to_id = (await find_test(call, to_id)).test_id if to_kind == TEST else course_id_of(to_id)
    who_id = named_id(f"{who_kind}_id", who_id)
    if who_kind == GROUP and await call.node.people.group(call.principal.org_id, who_id) is None:
        raise Refused(refuse(Code.NOT_FOUND))
    return Key(to_kind, to_id, who_kind, who_id)


def course_id_of(named: str) -> str:
    """The course's id in its one form. Raises `Refused(invalid_id)`."""
    try:
        return read_address_id(named)
    except ValueError as error:
        raise Refused(refuse(Code.INVALID_ID, f"The course's id {error}.")) from None


def one_of(named: dict[str, str | None], one: str, other: str) -> tuple[str, str]:
    """(kind, id) of the one that is named: `one` or `other`. Raises `Refused(missing_field)`."""
    given = [(kind, named[f"{kind}_id"]) for kind in (one, other)]
    said = [(kind, found) for kind, found in given if found is not None]
    if len(said) != 1:
        raise Refused(refuse(Code.MISSING_FIELD, f"Name one of {one}_id and {other}_id, and not both."))
    return said[0]


async def enrol(call: Call) -> EnrolmentReply:
    org_id, body = org_of(call), call.body
    named = {name: getattr(body, name) for name in ("test_id", "course_id", "user_id", "group_id")}
    key = await _key(call, named)
    code: str | None = body.access_code
    if code is not None and not plain_code(code):
        raise Refused(refuse(Code.OUT_OF_RANGE, "The access code is blank."))
    form_id = None if body.form_id is None else named_address("form_id", body.form_id)
    enrolment = Enrolment(None if code is None else digest_of_code(code), form_id)
    revision = await call.node.enrolments.put(org_id, key, enrolment, call.note(EnrolmentsChanged(*key)))
    _changed(call, revision, key)
    return _reply(key, enrolment)


async def unenrol(call: Call) -> Removed:
    org_id = org_of(call)
    named = {name: call.query.get(name) for name in ("test_id", "course_id", "user_id", "group_id")}
    to_kind, to_id = one_of(named, TEST, COURSE)
    who_kind, who_id = one_of(named, USER, GROUP)
    key = Key(to_kind, to_id, who_kind, who_id)
    revision, removed = await call.node.enrolments.remove(org_id, key, call.note(EnrolmentsChanged(*key, removed=True)))
    _changed(call, revision, key)
    return Removed(removed=removed)


def _changed(call: Call, revision: int, key: Key) -> None:
    """Whoever looks at a start page is told at once."""
    test_id = key.to_id if key.to_kind == TEST else EVERY_TEST
    call.node.granting.changed(call.principal.org_id, revision, [Who(key.who_kind, key.who_id)], test_id)


async def list_enrolments(call: Call) -> EnrolmentList:
    org_id = org_of(call)
    to_kind, to_id = one_of({name: call.query.get(name) for name in ("test_id", "course_id")}, TEST, COURSE)
    order, limit = order_of(call, _ENROLMENTS)
    found = await call.node.enrolments.list(org_id, to_kind, to_id, order, limit, whose(call))
    return EnrolmentList(
        enrolments=[_reply(key, enrolment) for key, enrolment in found],
        next=next_of(call, found, limit, lambda one: one[0].who_kind, lambda one: one[0].who_id),
    )


def _reply(key: Key, enrolment: Enrolment) -> EnrolmentReply:
    return EnrolmentReply(
        test_id=key.to_id if key.to_kind == TEST else None,
        course_id=key.to_id if key.to_kind == COURSE else None,
        user_id=key.who_id if key.who_kind == USER else None,
        group_id=key.who_id if key.who_kind == GROUP else None,
        has_access_code=enrolment.access_code_digest is not None,
        form_id=enrolment.form_id,
    )


_TO = (Query("test_id", Id), Query("course_id", Id))
_ENROLMENTS = Lines("enrolments", EnrolmentReply, ("user_id", "group_id"), ("who",))

ENDPOINTS = [
    Endpoint(
        method="PUT",
        path="/enrolments",
        summary="Enrol a user or a group for a test or a course.",
        handle=enrol,
        body=EnrolmentBody,
        reply=EnrolmentReply,
        act=Act.ENROL,
        refusals=(Code.MISSING_FIELD, Code.INVALID_ID, Code.NOT_FOUND),
    ),
    Endpoint(
        method="DELETE",
        path="/enrolments",
        summary="Take an enrolment back. Attempts stay.",
        handle=unenrol,
        reply=Removed,
        act=Act.ENROL,
        query=(*_TO, Query("user_id", Id), Query("group_id", Id)),
        refusals=(Code.MISSING_FIELD,),
    ),
    Endpoint(
        method="GET",
        path="/enrolments",
        summary="Who is enrolled for a test or a course, a page at a time.",
        handle=list_enrolments,
        reply=EnrolmentList,
        act=Act.ENROL,
        query=(*_TO, *WHOSE, *_ENROLMENTS.query, *PAGING),
        lines=_ENROLMENTS,
        refusals=(Code.MISSING_FIELD, Code.WRONG_CURSOR),
    ),
]
