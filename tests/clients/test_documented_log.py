"""Whoever has nothing but the page can verify a log: what it says is recomputed here without our code."""

import json
import re
from hashlib import blake2b, sha256
from pathlib import Path

import msgpack  # type: ignore[import-untyped]

import protocol

PAGE = (Path(protocol.__file__).parent / "PROTOCOL.md").read_text("utf-8")
EXAMPLE = PAGE[PAGE.index("### A log to recompute") : PAGE.index("### What its records say")]
DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def one(pattern: str) -> str:
    (found,) = re.findall(pattern, EXAMPLE)
    return str(found)


def blocks() -> list[str]:
    """What stands between fences, without line breaks."""
    return [block.replace("\n", "") for block in re.findall(r"```(?:json)?\n(.*?)\n```", EXAMPLE, re.DOTALL)]


def test_the_chain_of_the_page_is_recomputed() -> None:
    attempt_id = one("Attempt id: `(.+?)`")
    previous = sha256(b"pencilsdown log 1\n" + attempt_id.encode()).digest()
    assert previous.hex() == one("Seed: `(.+?)`")
    found = blocks()
    key = bytes.fromhex(one("Key: `(.+?)`"))
    records = list(zip(*(found[part::5] for part in range(5)), strict=True))
    assert len(records) == 4
    for seq, (header, shown, body, digest, told) in enumerate(records, 1):
        previous = sha256(previous + bytes.fromhex(header) + bytes.fromhex(digest)).digest()
        assert previous.hex() == told
        assert blake2b(bytes.fromhex(body), digest_size=32, key=key).hexdigest() == digest
        assert msgpack.unpackb(bytes.fromhex(body)) == json.loads(shown)
        said_seq, _, kind, role = msgpack.unpackb(bytes.fromhex(header))
        assert (said_seq, kind, role) == (seq, json.loads(shown)["fact"]["t"], "candidate")
    assert msgpack.unpackb(bytes.fromhex(records[0][2]))["fact"]["identity"]["attempt_id"] == attempt_id
    bits = int.from_bytes(previous, "big") >> (256 - 60)
    text = "".join(DIGITS[bits >> shift & 31] for shift in range(55, -1, -5))
    assert one("Reference of the submission: `(.+?)`") == "-".join((text[:4], text[4:8], text[8:]))


def test_the_digest_of_the_page_is_recomputed() -> None:
    answered = json.loads(blocks()[11])["fact"]
    content = ["answered", answered["question_id"], answered["value"], answered["position"]]
    assert blake2b(msgpack.packb(content), digest_size=8).hexdigest() == one("Digest of the content .+: `(.+?)`")
