"""When no server was there, and what that cost a candidate whose clock ran."""

from typing import Any

import pytest
from msgspec.structs import replace

from protocol.rules.incidents import LEAST_MS, Gap, Life, loss_of, outages
from tests.protocol.attempt.scene import HOUR, MINUTE, T0, Scene

AT = T0


def life(since: int, until: int | None, name: str = "n", *, died: bool = False) -> Life:
    return Life(name, AT + since, None if until is None else AT + until, died)


def test_an_outage_is_when_no_node_was_there() -> None:
    now_ms = AT + 100 * MINUTE
    assert outages([], now_ms) == []
    assert outages([life(0, None)], now_ms) == []
    one = [life(0, 10 * MINUTE), life(13 * MINUTE, None)]
    assert outages(one, now_ms) == [Gap(AT + 10 * MINUTE, AT + 13 * MINUTE)]
    assert outages([*one, life(5 * MINUTE, 20 * MINUTE)], now_ms) == [], "another node was there"
    for gap_ms, found in ((LEAST_MS - 1, 0), (LEAST_MS, 1), (LEAST_MS + 1, 1)):
        assert len(outages([life(0, 1_000), life(1_000 + gap_ms, None)], now_ms)) == found


def losing(scene: Scene, *gaps: Gap, deaths: tuple[Life, ...] = ()) -> int | None:
    found = loss_of(scene.records, list(gaps), list(deaths), scene.now_ms)
    return None if found is None else found.lost_ms


def gap(since: int, until: int) -> Gap:
    return Gap(AT + since, AT + until)


def test_only_running_clocks_lose_time() -> None:
    scene = Scene().started().at(20 * MINUTE)
    assert losing(scene, gap(5 * MINUTE, 8 * MINUTE)) == 3 * MINUTE
    assert losing(scene) is None
    assert losing(scene, gap(-9 * MINUTE, -5 * MINUTE)) is None, "she had not begun"
    assert losing(scene, gap(-9 * MINUTE, MINUTE)) == MINUTE, "from her start on"
    assert losing(scene, gap(5 * MINUTE, 8 * MINUTE), gap(6 * MINUTE, 9 * MINUTE)) == 4 * MINUTE, "nothing counts twice"
    for lost, said in ((LEAST_MS - 1, None), (LEAST_MS, LEAST_MS)):
        assert losing(scene, gap(5 * MINUTE, 5 * MINUTE + lost)) == said
    scene.facts(scene.pause())
    scene.at(40 * MINUTE)
    assert losing(scene, gap(25 * MINUTE, 35 * MINUTE)) is None, "her clock stood"
    scene.facts(scene.resume())
    scene.at(41 * MINUTE)
    assert losing(scene, gap(19 * MINUTE, 41 * MINUTE)) == 2 * MINUTE
    scene.facts(scene.extend(3 * MINUTE))
    found = loss_of(scene.records, [gap(5 * MINUTE, 8 * MINUTE)], [], scene.now_ms)
    assert found is not None
    assert (found.given_ms, found.from_ms, found.until_ms, found.connected) == (
        3 * MINUTE,
        AT + 5 * MINUTE,
        AT + 8 * MINUTE,
        False,
    )


def test_whose_time_ran_out_in_it_lost_what_was_left() -> None:
    scene = Scene().started()
    scene.wake_at(3 * 60 * MINUTE)
    assert scene.attempt.ended_at_ms is not None
    end = scene.attempt.ended_at_ms - AT
    assert losing(scene, gap(end - 2 * MINUTE, end + 9 * MINUTE)) == 2 * MINUTE
    assert losing(scene, gap(end + MINUTE, end + 9 * MINUTE)) is None


@pytest.mark.parametrize("rules", [{"at_end": "abandon"}, {"at_end": "hand_in", "hand_in_ms": 5 * MINUTE}])
def test_the_time_for_handing_in_is_no_time_of_the_clock(rules: dict[str, Any]) -> None:
    scene = Scene(**rules).started()
    end = HOUR
    scene.at(end + 3 * MINUTE)
    assert losing(scene, gap(end - 2 * MINUTE, end + 9 * MINUTE)) == 2 * MINUTE
    scene.wake_at(3 * HOUR)
    assert losing(scene, gap(end - 2 * MINUTE, end + 9 * MINUTE)) == 2 * MINUTE


def test_a_limit_that_only_informs_ends_no_time() -> None:
    scene = Scene(soft=True, window_closes_at_ms=T0 + 2 * HOUR).started().at(3 * HOUR)
    assert losing(scene, gap(HOUR - 2 * MINUTE, HOUR + 9 * MINUTE)) == 11 * MINUTE
    assert losing(scene, gap(2 * HOUR - 2 * MINUTE, 2 * HOUR + 9 * MINUTE)) == 2 * MINUTE


def test_whoever_was_on_a_node_that_died_lost_the_time_until_she_came_back() -> None:
    scene = Scene().started()
    scene.facts(replace(scene.connect("c1"), node="dead"))
    dead = life(0, 5 * MINUTE, "dead", died=True)
    scene.at(7 * MINUTE)
    assert losing(scene, deaths=(dead,)) is None, "nobody knows yet how long it is"
    scene.facts(replace(scene.connect("c2"), node="other"))
    scene.at(20 * MINUTE)
    assert losing(scene, deaths=(dead,)) == 2 * MINUTE
    assert losing(scene, deaths=(life(0, 5 * MINUTE, "another", died=True),)) is None
    found = loss_of(scene.records, [], [dead], scene.now_ms)
    assert found is not None
    assert found.connected


def test_so_did_whoever_came_to_it_after_its_last_sign_of_life() -> None:
    scene = Scene().started().at(5 * MINUTE + 4_000)
    scene.facts(replace(scene.connect("c1"), node="dead"))
    scene.at(9 * MINUTE)
    scene.facts(replace(scene.connect("c2", gone="c1"), node="other"))
    scene.at(20 * MINUTE)
    found = loss_of(scene.records, [], [life(0, 5 * MINUTE, "dead", died=True)], scene.now_ms)
    assert found is not None
    assert (found.from_ms, found.until_ms, found.connected) == (AT + 5 * MINUTE + 4_000, AT + 9 * MINUTE, True)


def test_whoever_had_left_it_before_lost_nothing_with_it() -> None:
    dead = life(0, 5 * MINUTE, "dead", died=True)
    for ends in ("by itself", "for another node"):
        scene = Scene().started().at(5 * MINUTE - 1_000)
        scene.facts(replace(scene.connect("c1"), node="dead"))
        scene.at(5 * MINUTE + 1_000)
        scene.facts(scene.disconnect("c1") if ends == "by itself" else replace(scene.connect("c2"), node="other"))
        scene.at(9 * MINUTE)
        scene.facts(replace(scene.connect("c3"), node="other"))
        assert losing(scene.at(20 * MINUTE), deaths=(dead,)) is None, ends
