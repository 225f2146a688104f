"""What is told of a device that was refused."""

import json

from jsonschema import Draft202012Validator

from protocol.events import schemas
from protocol.events.envelope import envelope
from protocol.events.security import DEVICE_REFUSED, device_refused
from protocol.events.topics import takes
from tests.protocol.attempt.scene import Scene

KEY = "a key of chance that nobody may learn"


def test_it_fits_its_schema_and_does_not_tell_the_key() -> None:
    told = device_refused(Scene().attempt, KEY, "203.0.113.7", 1_764_273_600_000)
    body = envelope(told.event_id, told.topic, told.at_ms, told.data)
    assert KEY.encode() not in body
    assert b"203.0.113.7" in body
    Draft202012Validator(schemas.document()).validate(json.loads(body))


def test_it_is_told_once_in_ten_minutes() -> None:
    first, second, later = (
        device_refused(Scene().attempt, name, "", at) for name, at in ((KEY, 0), ("b", 599_999), ("b", 600_000))
    )
    assert first.event_id == second.event_id != later.event_id


def test_whoever_takes_everything_takes_it() -> None:
    assert takes(["*"], DEVICE_REFUSED)
    assert takes(["security.*"], DEVICE_REFUSED)
    assert not takes(["attempt.*"], DEVICE_REFUSED)
