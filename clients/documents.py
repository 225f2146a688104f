"""What is generated into documents: each region between `<!-- generated: NAME -->` and `<!-- end -->`.

The rest of a document is written by hand. A region whose name is not known here is an error.
"""

import inspect
import re
from collections.abc import Callable
from pathlib import Path
from types import UnionType
from typing import Any, Final, get_args

import msgspec

from clients.bodies import bodies as rest_bodies
from clients.documented import calls, log, session, trail
from clients.documented.tables import hexadecimal, section, shown, table
from clients.vectors import DIRECTIONS, valid
from protocol import codes, content, limits, paper
from protocol.attempt.kind import Kind, Trait
from protocol.attempt.kinds import EDGES, KINDS
from protocol.attempt.model import ENDED, OPEN, SITTING, Role, Status
from protocol.codec import tag_of
from protocol.events.topics import TOPICS
from protocol.messages.base import Message
from protocol.messages.monitor import Row
from protocol.messages.state import AttemptState, SavedAnswer
from protocol.orders import STRUCTS as BULK
from protocol.override import Override, SetPage
from protocol.rest.operations import OPERATION_BODIES
from protocol.rules.rights import MEANINGS, RIGHTS, Act, may

DOCUMENTS: Final = ("ARCHITECTURE.md", "protocol/PROTOCOL.md", "docs/rules.md", "docs/webhooks.md")
_REGION: Final = re.compile(r"(?<=<!-- generated: )([a-z_ ]+) -->\n.*?(?=<!-- end -->)", re.DOTALL)


def documents(root: Path) -> dict[str, str]:
    """Path → text of every document, with its regions as they must be now."""
    texts = {path: (root / path).read_text("utf-8") for path in DOCUMENTS if (root / path).is_file()}
    return {path: _REGION.sub(_fill, text) for path, text in texts.items()}


def _fill(region: re.Match[str]) -> str:
    name = region[1]
    return f"{name} -->\n{REGIONS[name]().strip()}\n"


def states() -> str:
    """The table of transitions as a diagram."""
    arrows = [f"    {origin} --> {target}: {tag}" for (origin, target), tag in EDGES.items()]
    return "\n".join(["```mermaid", "stateDiagram-v2", "    [*] --> initiated: created", *arrows, "```"])


def kinds() -> str:
    """The table of kinds: what asks for each, the right that it takes, from where to where, what is so of it, and with
    which right it is read."""
    rows = [
        (
            f"`{kind.tag}`",
            _asker(kind.asked),
            _by(kind),
            f"{_statuses(kind.origins)}{'' if kind.target is None else f' → {kind.target}'}",
            ", ".join(str(trait.name).lower().replace("_", " ") for trait in Trait if trait in kind.traits),
            f"`{kind.reads}`",
        )
        for kind in KINDS
    ]
    return table(("Kind", "Asked for by", "Act, and who besides", "From → to", "Traits", "Read with"), rows)


def _by(kind: Kind) -> str:
    """The act that asks for it, and the roles by whom it comes about besides."""
    named = [] if kind.act is None else [f"`{kind.act}`"]
    return ", ".join([*named, *(role for role in Role if role in kind.besides)])


def rights() -> str:
    """The table of rights: a row for each act, a column for each role."""
    roles = [role for role in Role if RIGHTS[role]]
    rows = [(f"`{act}`", MEANINGS[act], *("yes" if may(role, act) else "" for role in roles)) for act in Act]
    return table(("Act", "What it is", *(role.replace("_", " ") for role in roles)), rows)


def _asker(asked: type | None) -> str:
    if asked is None:
        return ""
    tag = asked.__struct_config__.tag  # type: ignore[attr-defined]
    return f"`{tag or asked.__name__}`"


def _statuses(statuses: frozenset[Status]) -> str:
    named = {frozenset(Status): "any", OPEN: "open", SITTING: "sitting", ENDED: "ended", frozenset(): "nothing"}
    return named.get(statuses, ", ".join(status for status in Status if status in statuses))


def topics() -> str:
    """What events are about."""
    return table(("Topic", "What has happened"), ((f"`{topic}`", sentence) for topic, sentence in TOPICS.items()))


def refusals() -> str:
    """Every refusal: what to do, and what it means."""
    rows = [
        (f"`{code}`", rule.http, rule.retry, rule.sentence, rule.for_staff or "")
        for code, rule in codes.REFUSALS.items()
    ]
    return table(("Code", "HTTP", "Retry", "Sentence", "To staff, where it is another one"), rows)


def retries() -> str:
    """What to do with a refused operation."""
    return table(("`retry`", "The operation"), [(f"`{retry}`", _RETRIES[retry]) for retry in codes.Retry])


_RETRIES: Final = {
    codes.Retry.NEVER: "Will be refused again. Show why, and forget it.",
    codes.Retry.LATER: "Stays on the device. Send it again, with the same number: after a `state` that allows it, or "
    "after a back-off.",
    codes.Retry.RELOAD: "Was made from an outdated picture. Look at the state, and decide anew. What is still wanted "
    "gets a new number.",
}


def closes() -> str:
    """Every close code, and whether to come back."""
    rows = [(int(close), codes.reconnect_rule(close), sentence) for close, sentence in codes.CLOSES.items()]
    return table(("Code", "Come back", "Meaning"), rows)


def limits_() -> str:
    """Every limit with its reason, which stands below it in the source."""
    found = re.findall(r'^([A-Z_]+): Final = [^\n]*\n"""(.+?)"""', inspect.getsource(limits), re.MULTILINE | re.DOTALL)
    rows = [(f"`{name}`", _amount(name), reason.replace("\n", " ")) for name, reason in found]
    return table(("Limit", "Value", "Why"), rows)


def _amount(name: str) -> str:
    unit = next((unit for part, unit in _UNITS.items() if part in name.split("_")), "")
    return f"{getattr(limits, name):,} {unit}".rstrip()


_UNITS: Final = {"BYTES": "bytes", "CHARS": "characters", "MS": "ms"}
"""Part of a limit's name → its unit; what has none is a count."""


# ── messages ────────────────────────────────────────────────────────────────────────────────────────────────


def _messages(direction: str) -> Callable[[], str]:
    def region() -> str:
        examples = {vector["name"]: vector for vector in valid() if vector["direction"] == direction}
        return "\n".join(_message(kind, examples) for kind in get_args(DIRECTIONS[direction]))

    return region


def _message(kind: type[Message], examples: dict[str, dict[str, Any]]) -> str:
    example = examples[f"{tag_of(kind)}, example"]
    return (
        f"{section(f'`{tag_of(kind)}`', kind)}\n"
        f"```json\n{shown(example['message'])}\n```\n\n"
        f"```\n{hexadecimal(example['hex'])}\n```\n"
    )


def structures() -> str:
    """What messages hold."""
    kinds = (AttemptState, SavedAnswer, Row)
    return "\n".join(section(f"`{kind.__name__}`", kind) for kind in kinds)


def bodies() -> str:
    """Every REST body."""
    kinds: list[type[msgspec.Struct]] = [*rest_bodies(), *OPERATION_BODIES.values(), Override, SetPage, *BULK]
    return "\n".join(section(f"`{kind.__name__}`", kind, defaults=True) for kind in kinds)


_SHARED: Final = (
    *(content.Option, content.PairOption, content.PairWorth),
    *(content.Picture, content.Spot, content.PairSpot, content.WorthArea),
)
"""What several interactions have."""


def test_bodies() -> str:
    """A test, its questions and its paper."""
    written = (
        content.TestContent,
        content.Rules,
        content.Passage,
        content.Section,
        content.Draw,
        content.Question,
    )
    parts = [section(f"`{kind.__name__}`", kind, defaults=True) for kind in written]
    parts += _by_type("Interaction of type", content.Interaction)
    for shared in _SHARED:
        parts.append(section(f"`{shared.__name__}`", shared, defaults=True))
    shown = (paper.Paper, paper.PaperSection, paper.PaperPassage, paper.PaperQuestion, paper.PaperCost)
    parts += [section(f"`{kind.__name__}`", kind, defaults=True) for kind in shown]
    parts += _by_type("On the paper, interaction of type", paper.PaperInteraction)
    return "\n".join(parts)


def _by_type(title: str, union: UnionType) -> list[str]:
    return [section(f"{title} `{kind.__struct_config__.tag}`", kind, defaults=True) for kind in get_args(union)]


REGIONS: Final[dict[str, Callable[[], str]]] = {
    "states": states,
    "kinds": kinds,
    "rights": rights,
    "refusals": refusals,
    "retries": retries,
    "closes": closes,
    "limits": limits_,
    **{f"messages {direction}": _messages(direction) for direction in DIRECTIONS},
    "structures": structures,
    "bodies": bodies,
    "test": test_bodies,
    "calls": calls.calls,
    "session": session.session,
    "log": log.kinds,
    "chain": log.chain,
    "entries": trail.entries,
    "topics": topics,
    "calls without a trace": trail.nothing,
}
