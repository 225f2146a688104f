"""Exams that were written elsewhere: one folder or module for each format."""
