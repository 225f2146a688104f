"""An outage is told once, and its end."""

import logging

import pytest

from server.outage import Outage


def test_an_outage_is_one_story_whoever_meets_it(caplog: pytest.LogCaptureFixture) -> None:
    now_s = 0.0
    outage = Outage(lambda: now_s)

    def lines() -> list[str]:
        found = [record.getMessage() for record in caplog.records]
        caplog.clear()
        return found

    with caplog.at_level(logging.INFO):
        for _ in range(50):
            outage.failed("sweep", "no route")
            outage.failed("marking", "no route")
        assert lines() == ["The database is away (sweep: no route). Nothing is acknowledged until it is back"]
        now_s = 61.0
        outage.failed("sweep", "no route")
        outage.failed("marking", "no route")
        assert lines() == ["The database has been away for 61 s; 100 more tries have failed (sweep: no route)"]
        outage.succeeded("sweep")
        outage.succeeded("rooms")
        assert (lines(), outage.over) == ([], False)
        now_s = 64.0
        outage.succeeded("marking")
        outage.succeeded("marking")
        assert (lines(), outage.over) == (["The database is back after 64 s"], True)
