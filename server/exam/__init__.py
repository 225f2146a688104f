"""Exam files: friendly YAML that is read as a test, and written from one. docs/exam-format.md describes it."""
