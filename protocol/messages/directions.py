"""Which messages go in which direction."""

from protocol.messages.candidate import Ack, Hello, Offer, StaffMessage, StatePush, TimeWarning, Welcome
from protocol.messages.connection import Beat, Echo, Goodbye, RefusedOp, Renew, Renewed, TokenExpiring
from protocol.messages.monitor import (
    BulkProgress,
    CommandDone,
    CommandRefused,
    MonitorHello,
    MonitorWelcome,
    Roster,
    Rows,
)
from protocol.messages.operations import Operation
from protocol.messages.staff import StaffCommand

FromCandidate = Hello | Beat | Renew | Operation
ToCandidate = (
    Welcome
    | Echo
    | Ack
    | RefusedOp
    | StatePush
    | Offer
    | TimeWarning
    | StaffMessage
    | TokenExpiring
    | Renewed
    | Goodbye
)
FromInstructor = MonitorHello | Beat | Renew | StaffCommand
ToInstructor = (
    MonitorWelcome
    | Echo
    | Roster
    | Rows
    | CommandDone
    | CommandRefused
    | BulkProgress
    | RefusedOp
    | TokenExpiring
    | Renewed
    | Goodbye
)
