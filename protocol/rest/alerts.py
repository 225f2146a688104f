"""Alerts that staff have seen."""

from protocol.messages.base import Int
from protocol.rest.body import Body


class AlertsSeenBody(Body, frozen=True, kw_only=True):
    """Until when staff have seen what they were alerted of in this attempt, by the times of the alerts; nil: it counts
    as not seen again."""

    until_ms: Int | None


class SeenAlerts(Body, frozen=True, kw_only=True):
    """Who has seen the alerts of an attempt until `until_ms` (nil: nobody any more), and when that was said."""

    attempt_id: str
    until_ms: Int | None
    by: str
    at_ms: Int


class SeenAlertsList(Body, frozen=True, kw_only=True):
    """For each attempt the mark that is in force, among the newest twenty thousand of the test."""

    seen: list[SeenAlerts]
