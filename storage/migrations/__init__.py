"""The history of the schema, one revision per file. A revision that was released is never changed."""
