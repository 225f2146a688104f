"""The log in words: what its records say, and a short chain to recompute."""

from collections.abc import Iterator
from typing import Final

import msgspec

from clients.documented.tables import hexadecimal, section, shown
from protocol.attempt.chain import KEY_BYTES, reference, seal, seed
from protocol.attempt.digests import digest
from protocol.attempt.facts import Answered, AnyFact, Body, Created, Header, Record, Started, Submitted
from protocol.attempt.kinds import KINDS
from protocol.attempt.layout import LaidOrder, LaidQuestion, LaidSection, Layout
from protocol.attempt.model import Accommodation, Actor, Identity, Role, Terms

_ATTEMPT: Final = "0197f3a2-6c1e-7d30-9b55-0c2f6a1d8e47"
_KEY: Final = bytes(range(KEY_BYTES))
_SEED: Final = 4_611_686_018_427_387_904
_NOW: Final = 1_800_000_000_000


def kinds() -> str:
    """Header and body of a record, each fact by its tag, and what the first one holds."""
    facts = [section(f"Fact `{kind.tag}`", kind.fact) for kind in KINDS]
    return "\n".join(
        [
            section("`Header`", Header),
            section("`Body`", Body),
            *facts,
            section("`Identity`", Identity),
            section("`Accommodation`", Accommodation),
            section("`Terms`", Terms),
            section("`Layout`", Layout),
            section("`LaidSection`", LaidSection),
            section("`LaidQuestion`", LaidQuestion),
            section("`LaidOrder`", LaidOrder),
            section("`LaidOrder`", LaidOrder),
        ]
    )


def records() -> list[Record]:
    """A log of four records, as a server would write it."""
    ada = Actor(Role.CANDIDATE, "ada")
    identity = Identity(
        attempt_id=_ATTEMPT,
        org_id="school",
        branch_id=None,
        test_id="algebra-1",
        form_id=None,
        user_id="ada",
        attempt_number=1,
    )
    terms = Terms(
        duration_ms=3_600_000,
        window_opens_at_ms=None,
        window_closes_at_ms=None,
        grace_ms=2_000,
        warnings_ms=(300_000, 60_000),
        pause_on_disconnect=False,
        pause_budget_ms=300_000,
        newest_connection_wins=True,
        link_opens_once=False,
    )
    layout = Layout((LaidSection(None, (LaidQuestion("q1"), LaidQuestion("q2"))),))
    facts: list[AnyFact] = [
        Created(identity, _SEED, Accommodation()),
        Started(1, _NOW - 40, 1, terms, layout),
        Answered(2, "q1", "b", None, _NOW + 8_960),
        Submitted(3, _NOW + 59_960),
    ]
    made: list[Record] = []
    head = seed(_ATTEMPT)
    for seq, (fact, after_ms) in enumerate(zip(facts, (0, 1_000, 9_000, 60_000), strict=True), 1):
        made.append(seal(head, _KEY, seq, _NOW + after_ms, ada, fact))
        head = made[-1].hash
    return made


def chain() -> str:
    """The example's bytes and hashes, in the order in which one computes them."""
    return "\n".join(_chain())


def _chain() -> Iterator[str]:
    log = records()
    yield f"Attempt id: `{_ATTEMPT}`\n"
    yield f"Key: `{_KEY.hex()}`\n"
    yield f"Seed: `{seed(_ATTEMPT).hex()}`\n"
    for record in log:
        yield f"Record {record.entry.seq}: `header`; `body` as JSON and as bytes; `digest`; `hash`:\n"
        yield f"```\n{hexadecimal(record.header.hex())}\n```\n"
        yield f"```json\n{shown({'by': record.entry.by, 'fact': msgspec.to_builtins(record.entry.fact)})}\n```\n"
        yield f"```\n{hexadecimal(record.body.hex())}\n```\n"
        yield f"```\n{record.digest.hex()}\n```\n"
        yield f"```\n{record.hash.hex()}\n```\n"
    yield f"Reference of the submission: `{reference(log[-1].hash)}`\n"
    fact = log[2].entry.fact
    assert isinstance(fact, Answered)
    yield f"Digest of the content of record 3's operation: `{digest(fact).hex()}`"
