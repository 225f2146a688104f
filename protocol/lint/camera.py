"""What to look at where a test takes pictures with the camera."""

from collections.abc import Iterator

from protocol.content import TestContent
from protocol.lint.places import Place
from protocol.rest.lint import Finding

_SAYS = (
    "Nobody begins without a camera, but whom staff exempt from camera_ended: say beforehand whom to ask. An agreement"
    " that nobody can refuse is none."
)


def camera_required(content: TestContent) -> Iterator[Finding]:
    """Tests that nobody begins without having agreed to pictures."""
    camera = content.rules.camera
    if camera is not None and camera.asks == "required":
        yield Place("rules").found("camera_required", _SAYS)
