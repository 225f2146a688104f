"""Files that candidates hand in as answers."""

import asyncio
from typing import Final

from protocol import limits
from protocol.attempt.decisions.rules import ended, is_late
from protocol.attempt.model import SITTING
from protocol.codes import Code
from protocol.errors import Refusal, Refused, refuse
from protocol.media import HASH, hash_of
from protocol.messages.base import Id
from protocol.paper import PaperUpload
from protocol.rest.files import FileHandedIn, FileList
from protocol.rules.audit import AnswersRead
from protocol.rules.rights import Act
from server.api.endpoint import HAS_ENDED, Call, Download, Endpoint
from server.api.lookup import as_named, find_attempt, find_kept
from server.api.query import Query
from server.attempts.live import LiveAttempt
from server.media.faults import MediaFault
from server.media.handed_in import EXTENSIONS, look_at
from storage.answer_files import AnswerFile

_FULL: Final = "No more files can be handed in. Ask your invigilator."
_FILES: Final = "/test-attempts/{attempt_id}/files"


async def hand_in_file(call: Call) -> FileHandedIn:
    live = await find_attempt(call)
    asked = _asked(call, live)
    if len(call.body) > asked.max_bytes:
        raise Refused(refuse(Code.TOO_LARGE, f"The file is larger than {_in_words(asked.max_bytes)}."))
    try:
        kind = await asyncio.to_thread(look_at, call.body, asked.kinds)
    except MediaFault as fault:
        raise Refused(refuse(Code.INVALID_MEDIA, str(fault))) from None
    node, org_id = call.node, call.principal.org_id
    file = AnswerFile(hash_of(call.body), kind, len(call.body), node.clock.now_ms())
    there = await node.answer_files.of_attempt(org_id, live.attempt_id)
    if file.hash not in {one.hash for one in there}:
        room = node.settings.answer_files_quota_bytes - await node.answer_files.total(org_id)
        if len(there) >= limits.MAX_ANSWER_FILES or file.size > room:
            raise Refused(refuse(Code.MEDIA_FULL, _FULL))
        await node.answer_files.put(org_id, live.attempt_id, file, call.body)
    return FileHandedIn(hash=file.hash, type=file.type, size=file.size)


def _asked(call: Call, live: LiveAttempt) -> PaperUpload:
    """The interaction that asks for the file, while it may be answered. Raises `Refused`."""
    attempt = live.committed
    refusal = ended(attempt) or _not_open(live, call.node.clock.now_ms())
    if refusal is not None:
        raise Refused(refusal)
    question = live.sheet.question(call.query["question_id"])
    if question is None:
        raise Refused(refuse(Code.UNKNOWN_QUESTION))
    name = call.query.get("response_id", "answer")
    for asked in question.interactions:
        if asked.response_id == name and isinstance(asked, PaperUpload):
            return asked
    raise Refused(refuse(Code.UNKNOWN_PART))


def _not_open(live: LiveAttempt, now_ms: int) -> Refusal | None:
    attempt = live.committed
    if attempt.status not in SITTING:
        return refuse(Code.NOT_STARTED)
    return refuse(Code.DEADLINE_PASSED) if is_late(attempt, now_ms) else None


def _in_words(size: int) -> str:
    return f"{size // 1024**2} MiB" if size >= 1024**2 else f"{max(1, size // 1024)} KiB"


async def list_files(call: Call) -> FileList:
    attempt = await find_kept(call)
    files = await call.node.answer_files.of_attempt(call.principal.org_id, attempt.attempt_id)
    await call.was_read(AnswersRead(*as_named(attempt), what="files"))
    return FileList(files=[FileHandedIn(hash=one.hash, type=one.type, size=one.size) for one in files])


async def get_file(call: Call) -> Download:
    attempt = await find_kept(call)
    name, org_id = call.path["hash"], call.principal.org_id
    files = await call.node.answer_files.of_attempt(org_id, attempt.attempt_id) if HASH.fullmatch(name) else []
    file = next((one for one in files if one.hash == name), None)
    data = None if file is None else await call.node.answer_files.read(org_id, attempt.attempt_id, name)
    if file is None or data is None:
        raise Refused(refuse(Code.NOT_FOUND))
    await call.was_read(AnswersRead(*as_named(attempt), what="files"))
    # Her own name of the file might say who she is, to somebody who marks blind.
    return Download(data, f"answer-{name[:8]}.{EXTENSIONS.get(file.type, 'bin')}")


ENDPOINTS = [
    Endpoint(
        method="POST",
        path=_FILES,
        summary="Hand in a file, which the answer to the question then names by its hash. The body is the file.",
        handle=hand_in_file,
        reply=FileHandedIn,
        act=Act.SIT,
        query=(Query("question_id", Id, required=True), Query("response_id", Id)),
        refusals=(
            Code.NOT_FOUND,
            Code.MISSING_FIELD,
            Code.NOT_STARTED,
            *HAS_ENDED,
            Code.UNKNOWN_QUESTION,
            Code.UNKNOWN_PART,
            Code.TOO_LARGE,
            Code.INVALID_MEDIA,
            Code.MEDIA_FULL,
        ),
        raw=True,
        max_body_bytes=limits.MAX_ANSWER_FILE_BYTES,
    ),
    Endpoint(
        method="GET",
        path=_FILES,
        summary="The files that were handed in with an attempt.",
        handle=list_files,
        reply=FileList,
        act=Act.MARK,
        own=True,
        refusals=(Code.NOT_FOUND,),
    ),
    Endpoint(
        method="GET",
        path=_FILES + "/{hash}",
        summary="One of these files, to be saved.",
        handle=get_file,
        reply=str,
        act=Act.MARK,
        own=True,
        refusals=(Code.NOT_FOUND,),
        media_type="application/octet-stream",
    ),
]
