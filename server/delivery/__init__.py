"""The courier of a node, and the ways by which it delivers events."""
