"""What an author should look at before anybody sits her test. Nothing here is a mistake for which a test is refused."""

from protocol.lint.lint import RULES, lint

__all__ = ["RULES", "lint"]
