"""Whether an answer fits its question, one module for each family of interactions, and whether it says anything."""

from protocol.answering.accepting import accept, in_words_of
from protocol.answering.blank import count_answered, is_blank, parts_of
from protocol.answering.index import PaperIndex, index_paper

__all__ = [
    "PaperIndex",
    "accept",
    "count_answered",
    "in_words_of",
    "index_paper",
    "is_blank",
    "parts_of",
]
