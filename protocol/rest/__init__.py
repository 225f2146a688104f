"""Bodies of the REST API, JSON. The names, units and rules are those of the socket's messages."""
