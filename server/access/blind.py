"""What those who only mark may know of a candidate, and of her attempt."""

from msgspec.structs import replace

from protocol.attempt.model import Attempt
from protocol.content import Rules
from protocol.messages.state import SavedAnswer
from protocol.rules.rights import Act
from protocol.rules.second_marking import handle_of
from server.access.principal import Principal


def only_marks(principal: Principal) -> bool:
    """Whether she marks, and may not read results."""
    return principal.may(Act.MARK) and not principal.may(Act.READ_RESULTS)


def is_blind(principal: Principal, rules: Rules) -> bool:
    """Whether candidates have an alias for this reader, and attempts a handle: the test is marked blind, and she only
    marks."""
    return rules.blind_marking and only_marks(principal)


def shown_id(principal: Principal, rules: Rules, attempt: Attempt) -> str:
    """The id by which this reader knows the attempt."""
    return handle_of(attempt.key) if is_blind(principal, rules) else attempt.identity.attempt_id


def without_instants(answers: list[SavedAnswer]) -> list[SavedAnswer]:
    """The answers as a blind marker sees them: when somebody wrote, and in which order, tells who she may be."""
    return [replace(answer, n=0, saved_at_ms=0) for answer in answers]
