"""What answers are worth. Points are whole thousandths; no float is used, so no mark depends on rounding."""
