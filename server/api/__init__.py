"""REST: the same commands as the sockets, as JSON."""
