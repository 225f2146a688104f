"""What a test may make of what is noticed."""

from typing import get_args

import pytest

from protocol.integrity.captures import ENDED, WITHDRAWN, Source
from protocol.integrity.signals import MEANINGS, PAGE_SIGNALS, Signal
from protocol.integrity.watches import Watch, contradiction, follows, in_force, without


def test_a_page_and_the_server_share_the_list() -> None:
    assert set(MEANINGS) > PAGE_SIGNALS
    own = {"address_changed", "device_changed", "text_jumped", "rapid_answer", "camera_withdrawn", "screen_withdrawn"}
    assert set(MEANINGS) - PAGE_SIGNALS == own


@pytest.mark.parametrize(
    ("watches", "said"),
    [
        ([Watch("copied"), Watch("copied", warn_from=1)], "copied is named twice"),
        ([Watch("keystrokes", alert_from=1)], "keystrokes can't alert"),
        ([Watch("rapid_answer", pause_from=1)], "rapid_answer can't pause"),
        ([Watch("no_full_screen", warn_from=1)], "no_full_screen can't warn"),
        ([Watch("full_screen_left")], "full_screen_left needs `full_screen: true`"),
        ([Watch("camera_ended")], "camera_ended needs `captures` of the camera"),
    ],
)
def test_what_makes_no_sense_is_said(watches: list[Watch], said: str) -> None:
    assert said in str(contradiction(watches, full_screen=False))


def test_what_makes_sense_does() -> None:
    watches = [Watch("full_screen_left", 1, 2, 3), Watch("text_jumped", 1, 1), Watch("keystrokes")]
    assert contradiction(watches, full_screen=True) is None


def test_where_full_screen_is_asked_for_it_is_recorded_that_there_is_none() -> None:
    assert in_force([], full_screen=True) == (Watch("no_full_screen"),)
    assert in_force([Watch("no_full_screen", alert_from=1)], full_screen=True) == (Watch("no_full_screen", None, 1),)
    assert in_force([], full_screen=False) == ()


@pytest.mark.parametrize("source", get_args(Source))
def test_of_a_source_that_is_asked_for_it_is_recorded_that_it_ended(source: Source) -> None:
    alerts = Watch(ENDED[source], alert_from=1)
    assert in_force([alerts], full_screen=False, sources=[source]) == (alerts, Watch(WITHDRAWN[source]))
    assert contradiction([alerts], full_screen=False, sources=[source]) is None
    (other,) = {*get_args(Source)} - {source}
    assert contradiction([alerts], full_screen=False, sources=[other]) is not None


def test_who_is_exempt_keeps_the_rest() -> None:
    assert without([Watch("copied"), Watch("cut")], ("cut",)) == (Watch("copied"),)


@pytest.mark.parametrize(("times", "paused", "alerted"), [(1, False, False), (2, False, True), (3, True, True)])
def test_a_pause_alerts_too(times: int, paused: bool, alerted: bool) -> None:
    found = follows(Watch("copied", alert_from=2, pause_from=3), times, 1)
    assert (found.paused, found.alerted, found.warned) == (paused, alerted, False)


@pytest.mark.parametrize("signal", MEANINGS)
def test_each_is_said_in_a_sentence(signal: Signal) -> None:
    assert MEANINGS[signal].noticed.endswith(".")
