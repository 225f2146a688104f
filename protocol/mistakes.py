"""The refusal of a test with a mistake, which says where the mistake is and what it is."""

from protocol.codes import Code
from protocol.errors import Refused, refuse


def mistake(where: str, what: str) -> Refused:
    """`where` is a part of the test ("rules", "question 'one'"), `what` the rest of a sentence about it."""
    return Refused(refuse(Code.INVALID_TEST, f"{where}: {what}"))
