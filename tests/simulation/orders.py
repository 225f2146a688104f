"""What staff order, as commands."""

from protocol.messages.staff import (
    AcceptAttempt,
    AccommodateAttempt,
    AcknowledgeHand,
    AdmitAttempt,
    AllowDevice,
    ApplyRules,
    CancelAttempt,
    EndAttempt,
    ExtendAttempt,
    MessageAttempt,
    PauseAttempt,
    ReinstateAttempt,
    ReopenAttempt,
    ResumeAttempt,
    StaffCommand,
    WarnAttempt,
)
from tests.simulation.plan import Order
from tests.simulation.recorder import canary


def command_for(order: Order, command_id: str, attempt_id: str, org: str) -> StaffCommand:
    """The command of an instructor of this organisation."""
    reason, said = f"because {canary(org)}", f"told {canary(org)}" if order.ms % 2 else ""
    match order.kind:
        case "pause":
            return PauseAttempt(command_id, attempt_id, reason)
        case "resume":
            return ResumeAttempt(command_id, attempt_id, reason)
        case "extend":
            return ExtendAttempt(command_id, attempt_id, order.ms, reason)
        case "message":
            return MessageAttempt(command_id, attempt_id, f"hello {canary(org)}")
        case "warn":
            return WarnAttempt(command_id, attempt_id, reason)
        case "end":
            return EndAttempt(command_id, attempt_id, reason, said=said)
        case "cancel":
            return CancelAttempt(command_id, attempt_id, order.ms > 5_000, reason, said=said)
        case "reopen":
            return ReopenAttempt(command_id, attempt_id, order.ms, reason, order.ms > 5_000)
        case "accept":
            return AcceptAttempt(command_id, attempt_id, reason, said=said)
        case "allow_device":
            return AllowDevice(command_id, attempt_id, reason)
        case "accommodate":
            return AccommodateAttempt(command_id, attempt_id, order.ms, reason, may_shorten=False)
        case "apply_rules":
            return ApplyRules(command_id, attempt_id, reason, may_shorten=False)
        case "admit":
            return AdmitAttempt(command_id, attempt_id, reason)
        case "acknowledge_hand":
            return AcknowledgeHand(command_id, attempt_id, reason)
        case "reinstate":
            return ReinstateAttempt(command_id, attempt_id, order.ms > 5_000, reason)
