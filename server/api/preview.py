"""A test as its candidates will see it, its keys as people read them, and what its author should look at."""

import asyncio
from typing import Annotated

import msgspec
from msgspec import Meta
from msgspec.structs import replace

from protocol import limits
from protocol.attempt.laying import is_the_same_for_all, lay_out
from protocol.attempt.paper import make_paper
from protocol.codes import Code
from protocol.ids import normalize_id
from protocol.keys import key_of
from protocol.lint import lint
from protocol.media import media_in
from protocol.messages.base import Id
from protocol.paper import Paper
from protocol.rest.lint import LintReply
from protocol.rest.preview import Preview, TestKey
from protocol.rules.audit import KeysRead
from protocol.rules.rights import Act
from server.api.endpoint import Call, Endpoint
from server.api.lookup import VERSION, find_version
from server.api.query import Query
from server.media.shown import shown_media
from storage.tests import StoredTest


async def get_preview(call: Call) -> Preview:
    test = await find_version(call)
    named: str | None = call.query.get("form")
    form_id = named and normalize_id(named)
    if form_id is None and test.content.forms:
        form_id = next(iter(test.content.forms))
    seed: int = call.query.get("seed", 0)
    paper = await asyncio.to_thread(_paper, test, form_id, seed)
    media = shown_media(call.node.media_addresses.address, test.org_id, paper)
    return Preview(
        paper=replace(paper, media=media),
        forms=list(test.content.forms),
        seed=seed,
        varies=not is_the_same_for_all(test.content, form_id),
        duration_ms=test.content.rules.duration_ms,
        unscored=[
            one.question_id
            for one in test.content.questions
            if not one.scored and one.question_id in {shown.question_id for shown in paper.questions}
        ],
    )


def _paper(test: StoredTest, form_id: str | None, seed: int) -> Paper:
    layout = lay_out(test.content, form_id, seed)
    return make_paper(test.test_id, test.version, test.content, form_id, layout)


async def get_key(call: Call) -> TestKey:
    test = await find_version(call)
    questions = await asyncio.to_thread(lambda: list(map(key_of, test.content.questions)))
    await call.was_read(KeysRead(test.test_id, test.version))
    return TestKey(test_id=test.test_id, version=test.version, questions=questions)


async def get_lint(call: Call) -> LintReply:
    test = await find_version(call)
    media = call.node.media
    named = media_in(msgspec.json.encode(test.content))
    stored = {name for name in named if await media.find(test.org_id, name) is not None}
    findings = await asyncio.to_thread(lint, test.content, stored)
    return LintReply(test_id=test.test_id, version=test.version, findings=findings)


ENDPOINTS = [
    Endpoint(
        method="GET",
        path="/tests/{test_id}/preview",
        summary="The newest version of a test, or an older one, as a candidate would see it, without its keys.",
        handle=get_preview,
        reply=Preview,
        act=Act.READ_TESTS,
        query=(VERSION, Query("form", Id), Query("seed", Annotated[int, Meta(ge=0, le=limits.MAX_INT)])),
        refusals=(Code.NOT_FOUND, Code.UNKNOWN_FORM),
    ),
    Endpoint(
        method="GET",
        path="/tests/{test_id}/key",
        summary="The keys of the newest version of a test, or an older one, as people read them beside its preview.",
        handle=get_key,
        reply=TestKey,
        act=Act.READ_TESTS,
        query=(VERSION,),
        refusals=(Code.NOT_FOUND,),
    ),
    Endpoint(
        method="GET",
        path="/tests/{test_id}/lint",
        summary="What the author of a test should look at before anybody sits it. It tells no key.",
        handle=get_lint,
        reply=LintReply,
        act=Act.READ_TESTS,
        query=(VERSION,),
        refusals=(Code.NOT_FOUND,),
    ),
]
