"""The report of a test, or of one attempt, as an HTML document to be printed: the figures, plots and tables of the
report's page. Instants are in UTC: nobody's device is asked for its zone."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from html import escape
from pathlib import Path
from typing import Any, Final, Literal

from protocol.rest.analytics import AttemptAnalytics, CandidateCourse, TestAnalytics
from protocol.rest.statistics import QuestionFigures
from server.exporting import plots
from server.exporting.plots import Axes

Language = Literal["ar", "de", "en", "es", "fr", "tr"]
Words = Mapping[str, Any]
Rows = Sequence[Sequence[str]]

_FROM_RIGHT: Final = ("ar",)
_MOST_CANDIDATES: Final = 500
"""Lines of the table of candidates: a document of a hundred pages is read by nobody."""
_MINUTE_MS: Final = 60_000
_OWN, _LEFT, _END = "\u2068", "\u2066", "\u2069"
"""So begins and ends what has a direction of its own, and what runs from the left: of `<bdi>` printers know nothing."""
_PPM: Final = 1_000_000

_STYLE: Final = r"""
@page { size: A4; margin: 14mm }
@page { @bottom-center { content: "\2066" counter(page) " / " counter(pages) "\2069"; font-size: 8pt } }
body { font-family: "Noto Sans", "Noto Sans Arabic", "DejaVu Sans", sans-serif; font-size: 9pt; color: #1b1f24 }
h1 { font-size: 16pt; margin: 0 0 2mm } h2 { font-size: 11pt; margin: 0 0 1mm } p { margin: 0 0 2mm; color: #555d66 }
dl { margin: 4mm 0 } dl div { display: inline-block; min-width: 28mm; margin: 0 6mm 3mm 0 }
dt { color: #555d66; font-size: 8pt } dd { margin: 0; font-size: 12pt; font-weight: bold }
figure { margin: 0 0 6mm; break-inside: avoid }
svg { display: block; width: 100%; height: 62mm; direction: ltr }
figcaption { color: #555d66; font-size: 8pt }
table { width: 100%; border-collapse: collapse; margin: 0 0 6mm; font-size: 8pt }
th, td { padding: 0.8mm 1.5mm; border-bottom: 0.2mm solid #ccd2d8; text-align: end; vertical-align: top }
th:first-child, td:first-child { text-align: start; overflow-wrap: anywhere } thead { display: table-header-group }
"""


@cache
def words_in(language: Language) -> Words:
    """What reports say in this language: the words of the page."""
    words: dict[str, Words] = json.loads((Path(__file__).parent / "report_words.json").read_text("utf-8"))
    return words[language]


def report_of_test(title: str, found: TestAnalytics, questions: Sequence[QuestionFigures], language: Language) -> str:
    """How a test was sat. `questions`: their statistics; there are none before the marks are complete."""
    w = words_in(language)
    quartiles = w["no"]
    if found.lower_ms is not None and found.upper_ms is not None:
        quartiles = f"{span(found.lower_ms)} – {span(found.upper_ms)}"
    figures = [
        (w["attempts"], str(found.attempts)),
        (w["open"], str(found.open)),
        (w["median"], _span_or(found.median_ms, w)),
        (w["quartiles"], quartiles),
        (w["losses"], str(found.losses)),
        (w["away"], span(found.away_ms) if found.away_ms else w["no"]),
    ]
    parts = [_head(title, found.at_ms, w), _figures(figures)]
    parts += [_scores(found, w), _items(questions, w), _spent(found, w), _room(found, w), _away(found, w)]
    parts += [_times(found, w), _candidates(found, w)]
    return _document(title, "".join(parts), language)


def report_of_attempt(name: str, found: AttemptAnalytics, language: Language) -> str:
    """The course of one attempt."""
    w = words_in(language)
    c, no = w["candidate"], w["no"]
    lost = no
    if found.losses:
        lost = w["lost"].replace("{span}", span(found.away_ms)).replace("{losses}", str(found.losses))
    quick = found.per_hour_milli is None or found.ran_ms < _MINUTE_MS
    figures = [
        (c["ran"], span(found.ran_ms)),
        (c["answered"], f"{found.answered} / {len(found.questions)}"),
        (c["perHour"], no if quick else str(round((found.per_hour_milli or 0) / 1_000))),
        (c["changes"], str(sum(one.changes for one in found.questions))),
        (c["rapid"], str(found.rapid)),
        (c["idle"], f"{span(found.idle_ms)} ({found.idle_spans}×)" if found.idle_spans else no),
        (c["losses"], lost),
        (c["unplaced"], span(found.unplaced_ms) if found.unplaced_ms >= 500 else no),
    ]
    parts = [_head(name, found.until_ms, w), _figures(figures)]
    if found.questions:
        most = max(_MINUTE_MS / 10, *(one.time_ms for one in found.questions))
        axes = Axes(plots.row_scale(len(found.questions)), plots.nice_scale(0, most / _MINUTE_MS))
        half = (axes.x(1) - axes.x(0)) * 0.4
        drawn = [
            plots.bar(
                axes.x(n + 0.5) - half,
                axes.x(n + 0.5) + half,
                axes.y(one.time_ms / _MINUTE_MS),
                kind="bar-bad" if one.rapid else "bar" if one.answered else "bar-pale",
            )
            for n, one in enumerate(found.questions)
        ]
        picture = plots.plot(axes, _number_of_row, _number, drawn)
        parts.append(_figure(c["times"], c["timesAbout"], picture, w["times"]["question"], w["times"]["y"]))
        head = [w["times"]["question"], c["ran"], c["visits"], c["saves"], w["times"]["changes"], c["first"]]
        rows = [
            [
                one.question_id,
                span(one.time_ms),
                *(str(count) for count in (one.visits, one.saves, one.changes)),
                no if one.first_ms is None else _clock(one.first_ms),
            ]
            for one in found.questions
        ]
        parts.append(_table(head, rows))
    if len(found.learning.tries) > 1:
        tries = [
            [str(one.attempt_number), _moment(one.started_ms), percent(one.share_ppm)] for one in found.learning.tries
        ]
        parts.append(f"<h2>{escape(c['learning'])}</h2>")
        parts.append(_table([c["attempt"], c["begun"], c["share"]], tries))
    return _document(name, "".join(parts), language)


# Parts


def _scores(found: TestAnalytics, w: Words) -> str:
    if not found.scores:
        return ""
    axes = Axes(plots.nice_scale(0, 100), plots.count_scale(max(one.attempts for one in found.scores)))
    width = axes.x(5) - axes.x(0) - 2
    drawn = [
        plots.bar(axes.x(one.from_permille / 10) + 1, axes.x(one.from_permille / 10) + 1 + width, axes.y(one.attempts))
        for one in found.scores
    ]
    s = w["scores"]
    return _figure(s["title"], s["about"], plots.plot(axes, _percents, _number, drawn), s["x"], s["y"])


def _items(questions: Sequence[QuestionFigures], w: Words) -> str:
    points = [
        (one, one.difficulty_ppm / _PPM, one.corrected_point_biserial_ppm / _PPM)
        for one in questions
        if one.difficulty_ppm is not None and one.corrected_point_biserial_ppm is not None
    ]
    if not points:
        return ""
    r = [one for _, _, one in points]
    axes = Axes(plots.nice_scale(0, 1), plots.nice_scale(min(0.0, *r), max(0.5, *r)))
    drawn = [plots.dots(axes.points([(p, value) for _, p, value in points]))]
    s = w["items"]
    rows = [[one.question_id, percent(round(p * _PPM)), _share(value)] for one, p, value in points]
    picture = plots.plot(axes, _as_percent, _share, drawn)
    return _figure(s["title"], s["about"], picture, s["x"], s["y"]) + _table([s["question"], s["x"], s["y"]], rows)


def _spent(found: TestAnalytics, w: Words) -> str:
    marked = [(one, share) for one in found.candidates if (share := _share_of(one)) is not None]
    if not marked:
        return ""
    minutes = [one.ran_ms / _MINUTE_MS for one, _ in marked]
    least = 0 if min(minutes) < max(minutes) / 2 else min(minutes)
    axes = Axes(plots.nice_scale(least, max(1.0, *minutes)), plots.nice_scale(0, 1))
    drawn = [
        plots.dots(
            axes.points(
                [(one.ran_ms / _MINUTE_MS, max(0.0, share)) for one, share in marked if bool(one.rapid) is bad]
            ),
            "dot-bad" if bad else "dot",
        )
        for bad in (False, True)
    ]
    s = w["spent"]
    return _figure(s["title"], s["about"], plots.plot(axes, _number, _as_percent, drawn), s["x"], s["y"])


def _room(found: TestAnalytics, w: Words) -> str:
    if not found.room:
        return ""
    asked = max(1, sum(one.questions for one in found.candidates))
    sat = max(1, *(one.sitting for one in found.room))
    axes = Axes(plots.time_scale(found.room[0].at_ms, found.room[-1].at_ms), plots.nice_scale(0, 1))
    sitting = axes.points([(one.at_ms, one.sitting / sat) for one in found.room])
    answered = axes.points([(one.at_ms, one.answers / asked) for one in found.room])
    drawn = [plots.area(sitting), plots.line(sitting, "quiet"), plots.line(answered)]
    s = w["room"]
    y_name = f"{s['sitting']} ({sat}), {s['answers']}"
    return _figure(s["title"], s["about"], plots.plot(axes, _clock, _as_percent, drawn), f"{s['at']} (UTC)", y_name)


def _away(found: TestAnalytics, w: Words) -> str:
    most = max((one.away for one in found.room), default=0)
    if most == 0:
        return ""
    axes = Axes(plots.time_scale(found.room[0].at_ms, found.room[-1].at_ms), plots.count_scale(max(4, most)))
    away = axes.points([(one.at_ms, one.away) for one in found.room])
    s = w["away_over_time"]
    picture = plots.plot(axes, _clock, _number, [plots.area(away, "pale-bad"), plots.line(away, "bad")])
    return _figure(s["title"], s["about"], picture, f"{w['room']['at']} (UTC)", s["y"])


def _times(found: TestAnalytics, w: Words) -> str:
    if not found.questions:
        return ""
    t, no = w["times"], w["no"]
    longest = max(6_000, *(one.upper_ms or 0 for one in found.questions))
    axes = Axes(plots.row_scale(len(found.questions)), plots.nice_scale(0, longest / _MINUTE_MS))
    half = max(0.5, min(8.0, (axes.x(1) - axes.x(0)) * 0.4))
    drawn = []
    for n, one in enumerate(found.questions):
        if one.lower_ms is None or one.median_ms is None or one.upper_ms is None:
            continue
        here, bad = axes.x(n + 0.5), "-bad" if one.struggling else ""
        lower, median, upper = (axes.y(ms / _MINUTE_MS) for ms in (one.lower_ms, one.median_ms, one.upper_ms))
        drawn.append(plots.bar(here - half, here + half, upper, max(upper + 1, lower), f"box{bad}"))
        drawn.append(plots.line([(here - half, median), (here + half, median)], "bad" if bad else "line"))
    names = ("question", "lower", "median", "upper", "seen", "answered", "changes", "rapid", "share")
    rows = [
        [
            f"{one.question_id}: {t['struggling']}" if one.struggling else one.question_id,
            *(_span_or(ms, w) for ms in (one.lower_ms, one.median_ms, one.upper_ms)),
            *(str(count) for count in (one.seen, one.answered, one.changes, one.rapid)),
            no if one.share_ppm is None else percent(one.share_ppm),
        ]
        for one in found.questions
    ]
    picture = plots.plot(axes, _number_of_row, _number, drawn)
    return _figure(t["title"], t["about"], picture, t["question"], t["y"]) + _table([t[name] for name in names], rows)


def _candidates(found: TestAnalytics, w: Words) -> str:
    c, no = w["candidates"], w["no"]
    shown = sorted(found.candidates, key=lambda one: (one.name or one.user_id).casefold())[:_MOST_CANDIDATES]
    rows = [
        [
            one.name or one.user_id,
            no if (share := _share_of(one)) is None else percent(round(share * _PPM)),
            span(one.ran_ms),
            f"{one.answered} / {one.questions}",
            no if one.effort_ppm is None else percent(one.effort_ppm),
            span(one.idle_ms) if one.idle_ms else no,
            span(one.away_ms) if one.away_ms else no,
        ]
        for one in shown
    ]
    more = ""
    if len(shown) < len(found.candidates):
        text = c["more"].replace("{shown}", str(len(shown))).replace("{all}", str(len(found.candidates)))
        more = f"<p>{escape(text)}</p>"
    head = [c[name] for name in ("name", "score", "time", "answered", "effort", "idle", "away")]
    return f"<h2>{escape(c['title'])}</h2>{more}{_table(head, rows)}"


# Pieces


def _document(title: str, body: str, language: Language) -> str:
    direction = "rtl" if language in _FROM_RIGHT else "ltr"
    return (
        f'<!doctype html><html lang="{language}" dir="{direction}"><head><meta charset="utf-8">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body>{body}</body></html>"
    )


def _head(title: str, at_ms: int, w: Words) -> str:
    before, _, behind = w["of"].partition("{title}")
    as_of = escape(w["asOf"].replace("{moment}", f"{_LEFT}{_moment(at_ms)} UTC{_END}"))
    return f"<h1>{escape(before)}{_OWN}{escape(title)}{_END}{escape(behind)}</h1><p>{as_of}</p>"


def _figures(figures: Sequence[tuple[str, str]]) -> str:
    parts = "".join(
        f"<div><dt>{escape(name)}</dt><dd>{_LEFT}{escape(value)}{_END}</dd></div>" for name, value in figures
    )
    return f"<dl>{parts}</dl>"


def _figure(title: str, about: str, picture: str, x_name: str, y_name: str) -> str:
    return (
        f"<figure><h2>{escape(title)}</h2><p>{escape(about)}</p>{picture}"
        f"<figcaption>→ {escape(x_name)} · ↑ {escape(y_name)}</figcaption></figure>"
    )


def _table(head: Sequence[str], rows: Rows) -> str:
    names = "".join(f"<th>{escape(name)}</th>" for name in head)
    lines = "".join(
        f"<tr><td>{_OWN}{escape(first)}{_END}</td>"
        + "".join(f"<td>{_LEFT}{escape(text)}{_END}</td>" for text in others)
        + "</tr>"
        for first, *others in rows
    )
    return f"<table><thead><tr>{names}</tr></thead><tbody>{lines}</tbody></table>"


def span(ms: int) -> str:
    """Minutes and seconds, and hours where there are any: `3:05`, `1:02:03`."""
    seconds = (ms + 500) // 1_000
    hours, minutes, rest = seconds // 3_600, seconds % 3_600 // 60, seconds % 60
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def percent(ppm: int) -> str:
    """A share in whole percents: `71 %`."""
    whole = (abs(ppm) + 5_000) // 10_000
    return f"{'−' if ppm < 0 and whole else ''}{whole} %"


def _share_of(one: CandidateCourse) -> float | None:
    return None if one.score_mpt is None or not one.max_mpt else one.score_mpt / one.max_mpt


def _span_or(ms: int | None, w: Words) -> str:
    return str(w["no"]) if ms is None else span(ms)


def _share(value: float) -> str:
    # What rounds to nothing has no sign.
    return f"{round(value, 2) or 0:.2f}".replace("-", "−")


def _number(value: float) -> str:
    return f"{value:g}"


def _number_of_row(tick: float) -> str:
    return f"{tick + 0.5:g}"


def _percents(value: float) -> str:
    return f"{value:g} %"


def _as_percent(value: float) -> str:
    return f"{round(value * 100)} %"


def _clock(at_ms: float) -> str:
    return f"{datetime.fromtimestamp(at_ms / 1_000, UTC):%H:%M}"


def _moment(at_ms: int) -> str:
    return f"{datetime.fromtimestamp(at_ms / 1_000, UTC):%Y-%m-%d %H:%M}"
