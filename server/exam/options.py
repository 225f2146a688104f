"""Options of an exam file: each is named by its id or its text."""

from collections.abc import Sequence

from protocol.content import Option
from protocol.ids import normalize_id
from protocol.mistakes import mistake
from server.exam.media import beside
from server.writing.bodies import inline_of
from server.writing.faults import WritingFault


def line(where: str, field: str, written: str) -> str:
    """What an option says. Raises `Refused(invalid_test)`."""
    try:
        return inline_of(written, beside())
    except WritingFault as fault:
        raise mistake(where, f"`{field}` can't be shown. {fault}") from None


def option_id(where: str, field: str, options: Sequence[Option], name: str) -> str:
    """The id of the option that is named. Raises `Refused(invalid_test)` where it is none, or one of two."""
    wanted = normalize_id(name)
    found = {
        option.option_id for option in options if wanted in (normalize_id(option.option_id), normalize_id(option.body))
    }
    if len(found) != 1:
        problem = "names no option" if not found else "names two options; give them ids, as in `- a: First`"
        raise mistake(where, f"`{field}` {problem} ({name})")
    return found.pop()
