"""Decisions, one module for each of those who act. `decide` leads each command to its own."""
