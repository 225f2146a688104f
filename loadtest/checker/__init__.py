"""Compares what clients have seen with the database: invariants I1 to I16, without any code of the server.

    history    what happened, as the clients recorded it: JSON lines of `history.Event`
    database   what is kept, as plain data: `database.Database`
    check      → the violations; none is the only good answer

Pure. Facts are read from the bytes of the log with another decoder and another fold than the server's.
"""

from loadtest.checker.check import check
from loadtest.checker.clocks import same_decisions
from loadtest.checker.database import Database
from loadtest.checker.history import Event
from loadtest.checker.violations import Violation

__all__ = ["Database", "Event", "Violation", "check", "same_decisions"]
