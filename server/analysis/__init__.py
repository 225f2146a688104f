"""What takes seconds of arithmetic, worked out in processes of their own: statistics, courses, tables of results."""
