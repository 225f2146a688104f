"""QTI 2.1, 2.2 and 3.0: https://www.1edtech.org/standards/qti."""
