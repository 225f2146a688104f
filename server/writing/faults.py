"""What can't be written."""


class WritingFault(ValueError):
    """A text that can't become a body. Its words are a plain sentence for the author."""


def cut(text: str, most: int = 60) -> str:
    """The beginning of a long text, in one line, for a sentence that names it."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1] + "…"
