"""When work is done, so that no crowd holds the loop up: in turns, a few at a time, gathered, or spread over time."""
