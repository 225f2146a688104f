"""Real PostgreSQL, Redis, Chromium and child processes for the tests, on loopback, private to one run."""
