"""The comparison with other servers: its plot, and its table."""

from typing import Final

from loadtest.measured.svg import THEMES, Bar, bars
from loadtest.peers.measure import BARE, OURS
from loadtest.peers.peer import PEERS
from loadtest.peers.report import Report

_SAID: Final = (
    "Each is kept in PostgreSQL, acknowledged, and told to a monitor. The last two keep nothing: they send it back."
)
_ECHOES: Final = ("python-socketio, bare echo", BARE)
_DATABASE: Final = ": the database's processor time of an answer"


def plots(report: Report) -> dict[str, str]:
    """Name of the file → SVG."""
    return {
        f"peers-{name}.svg": bars("Answers a second on one core", _SAID, _bars(report), theme)
        for name, theme in THEMES.items()
    }


def _bars(report: Report) -> list[Bar]:
    return [
        *(Bar(name, value, "ours" if name == OURS else "theirs") for value, name in _fastest(report)),
        *(Bar(name, _value(report, f"{name}: messages"), "bare") for name in _ECHOES),
    ]


def table(report: Report) -> str:
    """Markdown."""
    rate = f"{report.rate:,.0f}/s"
    head = [
        "",
        "answers a second",
        "processor time of each",
        "of the database's",
        f"at {rate}: each",
        f"p50, p99 at {rate}",
        "connecting",
        "rows missed",
    ]
    lines = [head, ["---", *["---:"] * (len(head) - 1)]]
    lines += [_line(report, name, rate) for _, name in _fastest(report)]
    for name in _ECHOES:
        lines.append(
            [
                name,
                f"{_value(report, f'{name}: messages'):,.0f}",
                f"{_value(report, f'{name}: processor time of each'):,.0f} µs",
                *[""] * 3,
                _told(report, f"{name}: processor time of connecting", " µs"),
                "",
            ]
        )
    # A column about which a report says nothing is left out.
    kept = [place for place in range(len(head)) if place == 0 or any(line[place] for line in lines[2:])]
    return "\n".join(f"| {' | '.join(line[place] for place in kept)} |" for line in lines)


def _line(report: Report, name: str, rate: str) -> list[str]:
    def value(what: str) -> float:
        return _value(report, f"{name}{what}")

    return [
        name,
        f"{value(': answers'):,.0f}",
        f"{value(': processor time of each'):,.0f} µs",
        f"{value(_DATABASE):,.0f} µs",
        f"{value(f', {rate}: processor time of each'):,.0f} µs",
        f"{value(f', {rate}: acknowledged after, p50'):,.1f}, {value(f', {rate}: acknowledged after, p99'):,.1f} ms",
        _told(report, f"{name}: processor time of connecting", " µs"),
        _told(report, f"{name}: rows that its monitors missed", ""),
    ]


def _told(report: Report, name: str, unit: str) -> str:
    """Nothing, where a report has no such figure."""
    figure = report.figure(name)
    return "" if figure is None else f"{figure.value:,.0f}{unit}"


def _fastest(report: Report) -> list[tuple[float, str]]:
    """Answers a second and the name of each that got through, the most first."""
    found = {name: report.figure(f"{name}: answers") for name in (OURS, *(peer.name for peer in PEERS))}
    return sorted(((figure.value, name) for name, figure in found.items() if figure is not None), reverse=True)


def _value(report: Report, name: str) -> float:
    figure = report.figure(name)
    assert figure is not None, f"the report has no figure {name!r}"
    return figure.value
