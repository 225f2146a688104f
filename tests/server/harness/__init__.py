"""A real server inside the test's own loop, and strangers who talk to it over real sockets."""
