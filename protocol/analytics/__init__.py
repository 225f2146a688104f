"""What the logs of attempts say about how a test was sat: one fold over each log, and figures over many of them.

`docs/analytics.md` has every formula with its unit and its source.
"""
