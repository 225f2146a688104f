"""Answers that come after the end of an attempt."""
