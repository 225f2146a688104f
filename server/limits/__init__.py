"""Limits on callers: rates, seats, sizes of requests, and turns for strangers."""
