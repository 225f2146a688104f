"""What to look at where a test takes pictures with the camera or of the screen."""

from collections.abc import Iterator

from protocol.content import TestContent
from protocol.integrity.captures import ENDED
from protocol.lint.places import Place
from protocol.rest.lint import Finding


def consent_required(content: TestContent) -> Iterator[Finding]:
    """Tests that nobody begins without having agreed to pictures."""
    for capture in content.rules.captures:
        if capture.asks != "offered":
            yield Place("rules").found(
                "consent_required",
                f"Nobody begins without having agreed to pictures from the {capture.source}, but whom staff exempt from"
                f" {ENDED[capture.source]}{_or_unable(capture.asks)}: say beforehand whom to ask. An agreement that"
                " nobody can refuse is none.",
            )


def _or_unable(asks: str) -> str:
    return ", and who says that her device can't" if asks == "if_able" else ""
