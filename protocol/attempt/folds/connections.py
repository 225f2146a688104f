"""Which connection and which device have the attempt."""

from protocol import limits
from protocol.attempt.facts import Connected, DeviceAllowed, Disconnected, Record
from protocol.attempt.folds import Changes
from protocol.attempt.model import SITTING, Attempt


def connected(a: Attempt, record: Record, fact: Connected) -> Changes:
    devices = {device: n for device, n in a.devices.items() if device != fact.device}
    devices[fact.device] = fact.connect_n
    if len(devices) > limits.MAX_DEVICES:
        del devices[next(iter(devices))]
    return {
        "connection_id": fact.connection_id,
        "holder": fact.node,
        "contact_ms": record.entry.at_ms,
        "address": fact.address,
        "lost_ms": a.lost_ms if a.connection_id is None else None,
        "device": fact.device,
        "devices": devices,
        "device_allowed": a.device_allowed and fact.device == a.device,
        "lost_records": max(a.lost_records, (fact.seen_seq or 0) - a.seq, int(fact.restored)),
    }


def disconnected(a: Attempt, record: Record, fact: Disconnected) -> Changes:
    if a.connection_id != fact.connection_id:
        return {}
    contact_ms = max(a.contact_ms or 0, fact.last_contact_ms)
    return {
        "connection_id": None,
        "holder": None,
        "contact_ms": contact_ms,
        "lost_ms": contact_ms if a.status in SITTING else None,
    }


def device_allowed(a: Attempt, record: Record, fact: DeviceAllowed) -> Changes:
    return {"device_allowed": True}
