"""Who calls and what they may see: tokens, their claims and keys, withdrawals, keys of services."""
