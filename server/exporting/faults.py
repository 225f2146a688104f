"""Why something can't be written for another system."""


class CannotSay(ValueError):
    """Its text is the rest of a sentence about a question: "has a unit, which QTI does not know"."""
