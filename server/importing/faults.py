"""Why a file can't be taken in."""


class ImportFault(ValueError):
    """Its text is a sentence for whoever brought the file."""
