"""Logs, states, frames and rows as each released version wrote them. Every later release must read them alike.

`python -m tests.golden` writes the folder of this version. A folder in `FROZEN` was released and never changes.
"""
