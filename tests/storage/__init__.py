"""The storage package, over both databases."""
