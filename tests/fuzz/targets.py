"""All that reads bytes from outside, as functions of bytes. Each reads them or refuses them by a name of its own; any
other exception, and anything that does not say the same after being written again, is a finding.
"""

import asyncio
import json
import re
import threading
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgpack  # type: ignore[import-untyped]
import msgspec

import protocol
import server
from clients.python import wire
from protocol import codec, limits
from protocol.attempt.chain import (
    KEY_BYTES,
    BrokenChain,
    Line,
    NewerLog,
    digest_of,
    header_of,
    link,
    open_record,
    seal,
    seed,
)
from protocol.attempt.kinds import KINDS
from protocol.attempt.model import Actor, Role
from protocol.attempt.paper import make_paper
from protocol.codes import Code
from protocol.content import TestContent
from protocol.content_checks import check_test
from protocol.errors import Refused, WireError
from protocol.ids import read_address_id
from protocol.messages.base import Message
from protocol.messages.connection import RefusedOp
from server.access.tokens import Tokens
from server.api import endpoint, log
from server.app import ENDPOINTS
from server.exam import file as exam_file
from server.settings import Settings
from storage.attempts import KeptRecord
from tests.fuzz.bringing import brought_files, check_brought
from tests.fuzz.provisioning import check_scim_body, check_scim_filter, some_scim_bodies, some_scim_filters
from tests.fuzz.writing import check_html, check_markdown, check_rich, some_html, some_markdown, some_rich
from tests.golden import story
from tests.protocol.test_codec import WIRE_CODES
from tests.server.conftest import SECRET
from tests.server.harness.clock import MovableClock
from tests.server.harness.exam import exam
from tests.server.harness.forged import sign
from tests.server.harness.provider import EC_KEY, ISSUER, RSA_KEY, Provider, signed

VECTORS: Final = Path(protocol.__file__).parent / "vectors"
FOUND: Final = Path(__file__).parent / "found"
"""A folder a target: inputs that once were findings."""


class Target(NamedTuple):
    """`check` takes any bytes; `seeds` are inputs to begin with, right and wrong ones."""

    check: Callable[[bytes], None]
    seeds: Callable[[], list[bytes]]


def named(refused: Refused, *codes: Code) -> None:
    """A refusal has one of these names, and a sentence that a log and a client can take."""
    assert refused.refusal.code in codes, refused
    assert 1 <= len(refused.refusal.detail.encode()) <= 1_000, refused


# Messages


def from_client(decode: Callable[[bytes], Message]) -> Callable[[bytes], None]:
    def check(data: bytes) -> None:
        try:
            message = decode(data)
        except WireError as error:
            named(error, *WIRE_CODES)
            codec.encode(RefusedOp(error.n, error.refusal.code, "", "never"))
            return
        again = codec.encode(message)
        assert decode(again) == message
        assert codec.encode(decode(again)) == again
        # A stranger reads the same in it.
        assert msgpack.unpackb(data) == msgpack.unpackb(again)

    return check


def from_server(decode: Callable[[bytes], Message], unpack: Callable[[bytes], Message]) -> Callable[[bytes], None]:
    """`decode` is what the vectors are held against, `unpack` what the Python client has."""

    def check(data: bytes) -> None:
        try:
            message = decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError):
            pass
        else:
            assert decode(codec.encode(message)) == message
        try:
            message = unpack(data)
        except wire.UnreadableMessage:
            pass
        else:
            assert unpack(wire.pack(message)) == message

    return check


def messages(*directions: str) -> Callable[[], list[bytes]]:
    def seeds() -> list[bytes]:
        vectors = [
            vector
            for name in ("valid.json", "invalid.json")
            for vector in json.loads((VECTORS / name).read_text("utf-8"))
            if vector["direction"] in directions
        ]
        return [bytes.fromhex(vector["hex"]) for vector in vectors]

    return seeds


# Records


ATTEMPT: Final = "01890a5d-ac96-774b-bcce-b302099a8057"


def check_record(data: bytes) -> None:
    """As the body of record 1 of a log whose hashes are right: whoever can write to the database can make them so."""
    head, key = seed(ATTEMPT), bytes(KEY_BYTES)
    digest = digest_of(key, data)
    for kind in KINDS:
        stored_hash = link(head, header_of(1, 1, kind.tag, "service"), digest)
        line = Line(1, 1, kind.tag, "service", digest, data, stored_hash)
        msgspec.json.decode(msgspec.json.encode(log._entry(KeptRecord(line, 1))))
        try:
            record = open_record(ATTEMPT, head, key, 1, line)
        except (BrokenChain, NewerLog):
            continue
        entry = record.entry
        again = seal(head, key, entry.seq, entry.at_ms, Actor(entry.role, entry.by), entry.fact)
        assert again.entry == entry
        assert again.header == record.header


def records() -> list[bytes]:
    """One of each kind of fact, with every field."""
    return [record.body for record in story.records()]


# Tokens


@cache
def _believer() -> tuple[asyncio.AbstractEventLoop, Tokens]:
    """A verifier with a key set from a real provider, which it asks once; the provider lives as long as the process."""
    provider = Provider()
    threading.Thread(target=provider.serve, daemon=True).start()
    settings = Settings(data=Path("/nonexistent"), token_secret=SECRET, jwks_url=provider.url, token_issuer=ISSUER)
    return asyncio.new_event_loop(), Tokens(settings, MovableClock())


def check_token(data: bytes) -> None:
    """As it comes; and as header and claims, divided by a NUL, which are signed first, so as to be read."""
    texts = [data.decode("utf-8", "replace")]
    if b"\0" in data:
        header, _, claims = data.partition(b"\0")
        texts.append(sign(header, claims))
    loop, tokens = _believer()
    for text in texts:
        try:
            principal = loop.run_until_complete(tokens.verify(text))
        except Refused as error:
            named(error, Code.TOKEN_MISSING, Code.TOKEN_INVALID, Code.TOKEN_EXPIRED, Code.OVERLOADED)
            continue
        assert principal.role is not Role.SYSTEM
        texts_of_it = msgspec.structs.astuple(principal) + msgspec.structs.astuple(principal.actor)
        for claim in (value for value in texts_of_it if isinstance(value, str)):
            assert 1 <= len(claim) <= limits.MAX_ID_CHARS
            assert "\0" not in claim
            claim.encode()
        assert principal.expires_at_ms > tokens._clock.now_ms()


def tokens() -> list[bytes]:
    now_s = MovableClock().now_ms() // 1000
    claims = {
        "sub": "ada",
        "org": "school",
        "role": "candidate",
        "aud": "pencilsdown",
        "exp": now_s + 10**6,
        "iat": now_s,
    }
    more = {"jti": "one", "name": "Ada", "branch": "north", "attempt": ATTEMPT, "test": "algebra-1", "nbf": now_s - 9}
    heads: list[dict[str, Any]] = [
        {"alg": "HS256", "typ": "JWT"},
        {"alg": "none"},
        {"alg": "RS256", "kid": "r", "typ": "at+jwt"},
        {"alg": "HS256", "crit": ["exp"]},
        {"alg": "HS256", "b64": False, "crit": ["b64"]},
        {"alg": "HS256", "jku": "https://evil.example", "jwk": {"kty": "oct", "k": "AA"}, "kid": "../../etc"},
    ]
    odd = ({"exp": 1e400}, {"aud": ["x", "pencilsdown"]}, {"sub": "\ud800"}, {"exp": 10**400}, {"iat": -1e308})
    bodies: list[Any] = [claims, claims | more, *(claims | one for one in odd), [], {}]
    pairs = [json.dumps(head).encode() + b"\0" + json.dumps(body).encode() for head in heads for body in bodies]
    ours = sign(json.dumps(heads[0]).encode(), json.dumps(claims).encode())
    theirs = [signed(now_s, key, alg, kid) for key, alg, kid in ((RSA_KEY, "RS256", "r"), (EC_KEY, "ES256", "e"))]
    return [*pairs, *(text.encode() for text in (ours, *theirs, "", "a.b.c", "e30.e30."))]


# Exams


def check_exam(data: bytes) -> None:
    """What `pencilsdown import` reads, and stores."""
    try:
        test_id, content = exam_file.read_exam(data)
    except Refused as error:
        named(error, Code.INVALID_TEST)
        return
    assert read_address_id(test_id) == test_id
    assert check_test(content) == content
    stored = msgspec.json.encode(content)
    assert msgspec.json.decode(stored, type=TestContent) == content
    for form_id in (*content.forms,) or (None,):
        msgspec.json.encode(make_paper(test_id, 1, content, form_id))


def exams() -> list[bytes]:
    written = (Path(server.__file__).parent / "sample_exam" / "exam.yaml").read_bytes()
    documents = Path(server.__file__).parent.parent / "docs" / "exam-format.md"
    shown = re.findall(r"```yaml\n(.*?)```", documents.read_text("utf-8"), re.DOTALL)
    assert shown
    return [written, *(text.encode() for text in shown), json.dumps(exam()).encode(), *ODD_YAML]


PAIRS: Final = b"""test_id: a
title: t
questions:
- {id: q, type: match, prompt: p, rows: [a, b], columns: [c: C, d: D], correct: {a: [C]}, max_per_row: {a: 2},
   max_per_column: none, weights: {a: {C: 1}, b: {d: 0.5}}, other_pairs: -0.5, max_pairs: 2}
- {id: r, type: gap_match, prompt: p, text: 'A {{x}} {{y}}', choices: [a, b], correct: [[x, a]], partial: gaps}
- {id: s, type: associate, prompt: p, choices: [a, b], correct: [[a, b]], max_per_choice: none, shuffle: true}
- {id: t, type: hottext, prompt: p, text: '{{a}} <pd-hot id="z">b</pd-hot>', correct: [a, z], max_choices: 2}
"""
ODD_YAML: Final = [
    PAIRS,
    b"test_id: a\ntitle: t\nquestions:\n- {id: q, type: essay, prompt: p}\n",
    b"%YAML 1.1\n---\n&a [*a]\n",
    b'? "\\x41\\u0042\\U00000043"\n: !!str |2-\n   x\n...\n',
    b"- !<tag:yaml.org,2002:int> '1'\n- >+\n a\n\n- \"\\\n b\"\n",
    b"rules: {duration: 1 h 30 min, opens_at: 2027-03-01T09:00:00+01:00, warnings: [5 min, 60 s], max_attempts: ~}\n",
]


# Bodies


WITH_BODY: Final = [endpoint for endpoint in ENDPOINTS if endpoint.body is not None]


def check_body(data: bytes) -> None:
    """The first byte chooses the endpoint, the rest is the body."""
    if not data:
        return
    kind: Any = WITH_BODY[data[0] % len(WITH_BODY)].body
    decoder = msgspec.json.Decoder(kind)
    try:
        body = endpoint.decode(decoder, data[1:])
        if kind is TestContent:
            check_test(body)
    except Refused as error:
        named(error, *WIRE_CODES, Code.INVALID_TEST)
        return
    again = msgspec.json.encode(body)
    assert endpoint.decode(decoder, again) == body


def bodies() -> list[bytes]:
    given: list[dict[str, Any]] = [
        exam(essay=True) | {"forms": {"a": ["single", "word"]}},
        {"test_id": "algebra-1", "user_id": "ada", "display_name": "Ada", "form_id": None, "extra_time_ms": 60_000},
        {
            "answers": [
                {"n": n, "question_id": "q", "value": v, "client_at_ms": 0}
                for n, v in ((1, "x"), (2, ["a"]), (3, None))
            ]
        },
        {"n": 1, "question_index": 0, "client_at_ms": 0},
        {"n": 1, "question_id": "q", "flagged": True, "client_at_ms": 0},
        {"n": 1, "message_id": "m", "seen": True, "client_at_ms": 0},
        {"n": None, "client_at_ms": 2**53 - 1},
        {"t0_ms": 1},
        {"client": "page/1", "command_id": "c", "reason": "\u00e9\ud83d\ude00"},
        {"add_ms": 60_000},
        {"text": "Hello"},
        {"left_ms": 60_000, "reason": "again"},
        {"score_mpt": 1_000, "remark": "well"},
        {"user_id": "ada", "token_id": None, "reason": "lost"},
        {},
    ]
    return [bytes([chosen]) + json.dumps(body).encode() for chosen in range(len(WITH_BODY)) for body in given]


TARGETS: Final = {
    "from_candidate": Target(from_client(codec.decode_from_candidate), messages("from_candidate")),
    "from_instructor": Target(from_client(codec.decode_from_instructor), messages("from_instructor")),
    "to_candidate": Target(from_server(codec.decode_to_candidate, wire.unpack_to_candidate), messages("to_candidate")),
    "to_instructor": Target(
        from_server(codec.decode_to_instructor, wire.unpack_to_instructor), messages("to_instructor")
    ),
    "record": Target(check_record, records),
    "token": Target(check_token, tokens),
    "exam": Target(check_exam, exams),
    "brought": Target(check_brought, brought_files),
    "body": Target(check_body, bodies),
    "scim_filter": Target(check_scim_filter, some_scim_filters),
    "scim_body": Target(check_scim_body, some_scim_bodies),
    "html": Target(check_html, some_html),
    "markdown": Target(check_markdown, some_markdown),
    "rich": Target(check_rich, some_rich),
}


def corpus(name: str) -> list[bytes]:
    """A target's seeds, and what was found with it."""
    return [*TARGETS[name].seeds(), *(file.read_bytes() for file in sorted((FOUND / name).glob("*")))]
