"""Signed heads of the logs, kept outside of the database."""
