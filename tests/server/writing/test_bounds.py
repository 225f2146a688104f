"""How much HTML is looked at at all. Each of these took the parser seconds to minutes."""

import pytest

from server.writing.bounds import MAX_AMPERSANDS, MAX_OPEN, MAX_WRITTEN_CHARS, check_bounds
from server.writing.faults import WritingFault


@pytest.mark.parametrize(
    ("html", "said"),
    [
        ("<p title='" + "x" * 10_000_000 + "'>", "characters"),
        ("x" * (MAX_WRITTEN_CHARS + 1), "characters"),
        ("&" * (MAX_AMPERSANDS + 1), "`&`"),
        ("<ul><li>" * MAX_OPEN, "not closed"),
        ("<ul><li><table><td></li></ul></td></table>" * MAX_OPEN, "not closed"),
        ("<b></i>" * (MAX_OPEN + 1), "not closed"),
        ("a\x00b", "NUL"),
        ("a\ud800b", "half of a character"),
    ],
    ids=lambda value: value[:40],
)
def test_what_would_take_long_is_refused(html: str, said: str) -> None:
    with pytest.raises(WritingFault, match=said):
        check_bounds(html)


def test_much_that_is_closed_is_read() -> None:
    check_bounds("<p>a<br>b</p>" * 10 * MAX_OPEN)
    check_bounds("<table>" + "<tr><td>a</td></tr>" * 5 * MAX_OPEN + "</table>")
