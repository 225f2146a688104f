"""Tests as files of other systems."""
