"""A picture for tests, 100 units wide and 80 high."""

from typing import Any, Final

from protocol.content import PairSpot, Picture, Spot, TestContent
from protocol.content_checks import check_test
from protocol.errors import Refused

PICTURE: Final = Picture(src=f"media:{'0' * 64}", width=100, height=80, alt="A map")
SPOTS: Final = [
    Spot(spot_id="a", shape="rect", coords=[0, 0, 20, 20], label="A"),
    Spot(spot_id="b", shape="circle", coords=[50, 40, 10], label="B"),
    Spot(spot_id="c", shape="ellipse", coords=[80, 20, 15, 8], label="C"),
    Spot(spot_id="d", shape="poly", coords=[10, 50, 40, 50, 25, 75], label="D"),
]
PAIR_SPOTS: Final = [
    PairSpot(spot_id=spot.spot_id, shape=spot.shape, coords=spot.coords, label=spot.label, max_uses=2) for spot in SPOTS
]


def fault_of(content: TestContent) -> Any:
    """What `check_test` says of it; None: it may be stored."""
    try:
        check_test(content)
    except Refused as refused:
        return refused.refusal.detail
    return None
