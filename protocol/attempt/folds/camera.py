"""Whether the candidate agrees to pictures from her camera."""

from protocol.attempt.facts import CameraAgreed, Record
from protocol.attempt.folds import Changes
from protocol.attempt.model import Attempt
from protocol.integrity.camera import CameraSaid


def said(a: Attempt, record: Record, fact: CameraAgreed) -> Changes:
    return {"camera": CameraSaid(fact.agreed, fact.every_ms, fact.keep_days, record.entry.at_ms)}
