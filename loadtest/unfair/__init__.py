"""Measures whether abusive clients slow down the others: `python -m loadtest unfair --report FILE`."""
