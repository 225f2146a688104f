"""What one node carries, measured: `python -m loadtest capacity`."""
