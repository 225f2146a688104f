"""Whole deployments from outside: real processes, real databases, real clients, and real deaths of all of them."""
