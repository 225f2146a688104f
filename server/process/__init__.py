"""The process of a server: starting, listening, serving, several workers, logs, garbage, stopping."""
