"""A real server inside the test's own loop, and independent clients that talk to it over real sockets."""
