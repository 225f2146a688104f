"""Marks: by machine and by people, and marking again."""
