"""Reports as PDF files: how a test was sat, and how one attempt was."""

from collections.abc import AsyncIterator
from importlib.util import find_spec
from typing import Final, cast, get_args

import msgspec

from protocol.codes import Code
from protocol.errors import Refused, refuse
from protocol.rules.rights import Act
from server.analysis import report_file
from server.analysis.report_file import Order
from server.api.analytics import get_of_attempt, get_of_test
from server.api.endpoint import Call, Download, Endpoint
from server.api.lookup import find_attempt, find_test
from server.api.query import Query
from server.api.statistics import statistics_of
from server.exporting.report import Language
from server.prepared import language_asked

_IN: Final = Query("language", Language, says="In which language; without it as `Accept-Language` says, or in English.")
_LANGUAGES: Final[tuple[str, ...]] = get_args(Language)
_REFUSED: Final = (Code.NOT_FOUND, Code.TOO_LARGE, Code.NOT_INSTALLED, Code.OVERLOADED)
_TYPE: Final = "application/pdf"
_PATIENCE_S: Final = 60.0
"""Whoever prints waits behind those who sit: the process has the lowest priority."""


async def get_report(call: Call) -> Download:
    _check_installed()
    test = await find_test(call, call.path["test_id"])
    found = await get_of_test(call)
    try:
        questions = (await statistics_of(call, test)).questions
    except Refused as error:
        if error.refusal.code not in (Code.NOT_READY, Code.TOO_LARGE):
            raise
        # They wait for marks, or there are too many of them; the rest of the report is made all the same.
        questions = []
    return await _file(call, Order(test.content.title, _language(call), found, questions))


async def get_report_of_attempt(call: Call) -> Download:
    _check_installed()
    live = await find_attempt(call)
    found = await get_of_attempt(call)
    name = live.display_name or live.committed.identity.user_id
    return await _file(call, Order(name, _language(call), attempt=found))


def _language(call: Call) -> Language:
    named: str = call.query.get("language") or language_asked(call.accept_language, _LANGUAGES) or "en"
    return cast(Language, named)


def _check_installed() -> None:
    """Raises `Refused(not_installed)`."""
    if find_spec("weasyprint") is None:
        raise Refused(refuse(Code.NOT_INSTALLED, "Reports as PDF need the extra `pdf` on this server."))


async def _file(call: Call, order: Order) -> Download:
    """Raises `Refused` where the process that writes it came to its bounds."""

    async def nothing() -> AsyncIterator[bytes]:
        return
        yield

    try:
        written = await call.node.analyst.ask(call.principal.org_id, report_file, msgspec.json.encode(order), nothing())
    except Refused as error:
        if error.refusal.code is not Code.TOO_LARGE:
            raise
        detail = "This report is too long for a PDF: print it from the page."
        raise Refused(refuse(Code.TOO_LARGE, detail)) from error
    return Download(written, "report.pdf")


ENDPOINTS = [
    Endpoint(
        method="GET",
        path="/tests/{test_id}/report.pdf",
        summary="How a test was sat, as a PDF, where the server has the extra `pdf`.",
        handle=get_report,
        reply=str,
        act=Act.READ_RESULTS,
        query=(_IN,),
        refusals=_REFUSED,
        media_type=_TYPE,
        patience_s=_PATIENCE_S,
        late=Code.OVERLOADED,
    ),
    Endpoint(
        method="GET",
        path="/test-attempts/{attempt_id}/report.pdf",
        summary="How one attempt was sat, as a PDF, where the server has the extra `pdf`.",
        handle=get_report_of_attempt,
        reply=str,
        act=Act.READ_RESULTS,
        query=(_IN,),
        refusals=_REFUSED,
        media_type=_TYPE,
        patience_s=_PATIENCE_S,
        late=Code.OVERLOADED,
    ),
]
