"""Instants as RFC 7643 (2.3.5) writes them, to compare them: `2026-11-27T09:00:00Z`."""

import re
from typing import Final

_FORM: Final = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?(?:Z|([+-])(\d\d):(\d\d))", re.ASCII
)
_MONTHS: Final = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def microseconds(text: str) -> int | None:
    """Since the first of March of the year 0; None: it is no instant."""
    form = _FORM.fullmatch(text)
    if form is None:
        return None
    year, month, day, hour, minute, second = (int(part) for part in form.groups()[:6])
    if not 1 <= month <= 12 or not 1 <= day <= _days_of(year, month) or hour > 23 or minute > 59 or second > 59:
        return None
    # A year that begins in March has its leap day at its end.
    year, month = (year, month - 3) if month > 2 else (year - 1, month + 9)
    days = 365 * year + year // 4 - year // 100 + year // 400 + (153 * month + 2) // 5 + day - 1
    offset_minutes = 0 if form[8] is None else int(f"{form[8]}1") * (60 * int(form[9]) + int(form[10]))
    seconds = ((days * 24 + hour) * 60 + minute - offset_minutes) * 60 + second
    return seconds * 1_000_000 + int((form[7] or "").ljust(6, "0"))


def _days_of(year: int, month: int) -> int:
    is_leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return 29 if month == 2 and is_leap else _MONTHS[month - 1]
