"""What each fact changes in the state, one module for each part of the state.

A fold is given the state before, the record and its fact, and returns the fields that change. `evolve` itself sees to
what all facts share: the position, the status, the client's number and the command's id.
"""

from collections.abc import Callable
from typing import Any

from protocol.attempt.facts import Record

Changes = dict[str, Any]
"""Field of `Attempt` → its new value."""

Fold = Callable[[Any, Record, Any], Changes]
"""(state before, record, its fact) → what changes. The state before is None for the first record only."""
