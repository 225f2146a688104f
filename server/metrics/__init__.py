"""A node's metrics: counted as plain numbers, and formatted for Prometheus when they are read."""
