"""What a server costs from within, by name: `python -m loadtest bench NAME`."""
