"""Measures how many candidates one node carries: `python -m loadtest capacity`."""
