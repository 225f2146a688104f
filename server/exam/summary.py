"""Summarizes an imported exam file in a few lines, so that its author can check it."""

from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from typing import Final

from protocol.content import Draw, Rules, Section, TestContent, pool_of, question_total, select_questions

_UNITS: Final = ((86_400_000, "d"), (3_600_000, "h"), (60_000, "min"), (1_000, "s"), (1, "ms"))
_WRITTEN: Final = "%Y-%m-%d %H:%M:%S"


def duration_in_words(ms: int) -> str:
    """Such as "1 h 30 min"."""
    parts: list[str] = []
    left = ms
    for unit_ms, name in _UNITS:
        count, left = divmod(left, unit_ms)
        if count:
            parts.append(f"{count} {name}")
    return " ".join(parts) or "0 s"


def summary(content: TestContent, zone: tzinfo | None = None) -> list[str]:
    """Lines about the questions, the time and the window. `zone` None: the zone of this machine."""
    rules = content.rules
    return [
        *_questions(content),
        _time(rules),
        *_window(rules, zone),
        _attempts(rules),
    ]


def _questions(content: TestContent) -> list[str]:
    def about(form_id: str | None) -> str:
        chosen = select_questions(content, form_id)
        points = Decimal(sum(question.points_mpt for question in chosen)) / 1000
        return f"{_count(len(chosen), 'question')}, worth {points.normalize():f} in all."

    if content.sections:
        return [
            f"{content.title}: {_count(question_total(content), 'question')}.",
            *(_section(content, one) for one in content.sections),
        ]
    if not content.forms:
        return [f"{content.title}: {about(None)}"]
    return [f"{content.title}:", *(f"  form {form_id}: {about(form_id)}" for form_id in content.forms)]


def _section(content: TestContent, section: Section) -> str:
    count = sum(item.count if isinstance(item, Draw) else 1 for item in section.items)
    pool = {name for item in section.items if isinstance(item, Draw) for name in pool_of(content, item)}
    drawn = len(pool)
    pools = f", some drawn from {drawn}" if drawn else ""
    limit = "" if section.limit_ms is None else f", {duration_in_words(section.limit_ms)}"
    return f"  section {section.section_id}: {_count(count, 'question')}{pools}{limit}."


def _time(rules: Rules) -> str:
    if rules.duration_ms is None:
        return "No time limit."
    warned = sorted(rules.warnings_ms, reverse=True)
    warnings = f"; warns at {', '.join(map(duration_in_words, warned))} left" if warned else "; warns at no time"
    return f"Lasts {duration_in_words(rules.duration_ms)}, and {duration_in_words(rules.grace_ms)} of grace{warnings}."


def _window(rules: Rules, zone: tzinfo | None) -> list[str]:
    opens_ms, closes_ms = rules.opens_at_ms, rules.closes_at_ms
    if opens_ms is None and closes_ms is None:
        return ["No window: it can be started at any time."]
    lines = [
        f"Opens  {_instant(opens_ms, zone)}" if opens_ms is not None else "Open from now on.",
        f"Closes {_instant(closes_ms, zone)}" if closes_ms is not None else "Never closes.",
    ]
    if opens_ms is not None and closes_ms is not None and closes_ms - opens_ms < (rules.duration_ms or 0):
        wide = duration_in_words(closes_ms - opens_ms)
        lines.append(f"The window is shorter than that ({wide}): nobody gets the whole time.")
    return lines


def _instant(at_ms: int, zone: tzinfo | None) -> str:
    """In the zone and in UTC."""
    moment = datetime.fromtimestamp(at_ms / 1000, UTC)
    there = moment.astimezone(zone)
    return f"{there.strftime(_WRITTEN)} {there.tzname()}, which is {moment.strftime(_WRITTEN)} UTC."


def seasons(written: Mapping[str, datetime], zone: tzinfo | None = None) -> list[str]:
    """Lines about the window of an exam file, as `other_seasons` says them, and where its ends have two offsets."""
    lines = other_seasons(written, zone)
    if len({moment.utcoffset() for moment in written.values()}) > 1:
        lines.append("`opens_at` and `closes_at` are written with two offsets from UTC. Check the times above.")
    return lines


def other_seasons(written: Mapping[str, datetime], zone: tzinfo | None = None) -> list[str]:
    """A line about each instant whose offset is that of another season in `zone` (None: this machine's): whoever wrote
    it may have meant another hour. `written` has what each of them is called."""
    lines: list[str] = []
    for name, moment in written.items():
        there, offset = moment.astimezone(zone), moment.utcoffset()
        over_the_year = {datetime(moment.year, month, 1, tzinfo=UTC).astimezone(zone).utcoffset() for month in (1, 7)}
        if offset != there.utcoffset() and offset in over_the_year:
            lines.append(
                f"`{name}` is written with the offset of another season: {moment.isoformat()} is"
                f" {there.strftime(_WRITTEN)} {there.tzname()} on the clocks here. Is that what you mean?"
            )
    return lines


def _attempts(rules: Rules) -> str:
    attempts = "Any number of attempts" if rules.max_attempts is None else _count(rules.max_attempts, "attempt")
    lost = (
        f"a lost connection stops the clock, for {duration_in_words(rules.pause_budget_ms)} in all"
        if rules.on_disconnect == "pause"
        else "the clock runs on while a connection is lost"
    )
    return f"{attempts} for each candidate; {lost}."


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"
