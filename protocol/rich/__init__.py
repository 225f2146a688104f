"""Rich text, as a candidate writes it: a few elements of HTML in one form (`grammar`), checked and read here."""

from protocol.rich.checking import Fault, check
from protocol.rich.reading import from_text, text_of
from protocol.rich.words import count_words

__all__ = ["Fault", "check", "count_words", "from_text", "text_of"]
