"""What those who only mark may know of a candidate."""

from protocol.content import Rules
from protocol.rules.rights import Act
from server.principal import Principal


def is_blind(principal: Principal, rules: Rules) -> bool:
    """Whether candidates have an alias for this reader: the test is marked blind, and she may not read results."""
    return rules.blind_marking and principal.is_staff and not principal.may(Act.READ_RESULTS)
