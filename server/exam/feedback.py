"""What an exam file says of answers. Each reader raises ValueError with the rest of a sentence that begins with the
field's name."""

from collections.abc import Callable

from protocol.content import ScoreFeedback
from server.exam.keys import permille
from server.exam.texts import prose
from server.exam.values import truth


def option_feedback(given: object) -> dict[str, str]:
    """Bodies by option; the option by its id or its text."""
    return _said(given, "{first: See page 3.}", lambda name: name)


def truth_feedback(given: object) -> dict[str, str]:
    """Bodies by "true" and "false"."""
    return _said(given, "{true: See page 3.}", lambda name: str(truth(name)).lower())


def score_feedback(given: object) -> list[ScoreFeedback]:
    """Bodies by the share of the points from which each is shown: `{100 %: Well done., 0 %: See page 3.}`; "none" where
    nothing is said."""
    said = _said(given, "{100 %: Well done., 0 %: See page 3.}", lambda share: str(permille(share)), may_be_none=True)
    return [ScoreFeedback(int(share), body) for share, body in said.items()]


def _said(given: object, like: str, read: Callable[[str], str], *, may_be_none: bool = False) -> dict[str, str]:
    if not isinstance(given, dict) or not given:
        raise ValueError(f"must say what is said of which, like `{like}`")
    said: dict[str, str] = {}
    for name, written in given.items():
        is_none = may_be_none and written == "none"
        body = "" if is_none else prose(written)
        if not body and not is_none:
            raise ValueError(f"says nothing of {name!r}")
        key = read(name)
        if key in said:
            raise ValueError("has two texts for what is the same")
        said[key] = body
    return said
