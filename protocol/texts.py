"""What people write to people: messages of staff, and reasons."""

from protocol.ids import is_seen


def shows_nothing(text: str) -> bool:
    """Whether nobody would see any of it: it has white space, control and invisible characters alone."""
    return not any(is_seen(character) and not character.isspace() for character in text)
