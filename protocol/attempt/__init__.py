"""The heart: an attempt is a log, and its state is a fold over it.

`decide(attempt, command, now_ms, sheet)` says what may happen, `evolve(attempt, record)` what is true after it
happened, `next_wake(attempt)` when someone must look again, and `view` what the two pages are told.
"""
