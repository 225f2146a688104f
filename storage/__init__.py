"""What is kept: tests, attempts as logs, and what is derived from them. Names of tables occur nowhere else.

`Database` is the door, `Journal` the only writer of logs, `Attempts` recovers and lists them.
"""
