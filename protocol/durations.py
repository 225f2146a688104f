"""Durations in words, for people."""


def in_minutes(ms: int) -> str:
    """Minutes and seconds, like "5 min 30 s"; rounded up to a second."""
    minutes, seconds = divmod(-(-ms // 1_000), 60)
    return " ".join([*([f"{minutes} min"] if minutes else []), *([f"{seconds} s"] if seconds else [])])
