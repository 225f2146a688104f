"""What can't be taken as a file of a test."""


class MediaFault(ValueError):
    """Its words are a plain sentence for the author."""
