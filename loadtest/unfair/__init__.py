"""Whether one who does her worst slows down the others: `python -m loadtest unfair --report FILE`."""
