import pytest

from protocol.content import Rules
from protocol.integrity.camera import Camera
from protocol.lint.camera import camera_required
from tests.protocol.lint.made import FACT, content, q


@pytest.mark.parametrize(
    ("camera", "codes"),
    [
        (None, []),
        (Camera("offered", 30_000, 30), []),
        (Camera("required", 30_000, 30), ["camera_required"]),
    ],
)
def test_a_camera_that_is_required_is_something_to_look_at(camera: Camera | None, codes: list[str]) -> None:
    assert [one.code for one in camera_required(content(q(FACT), rules=Rules(camera=camera)))] == codes
