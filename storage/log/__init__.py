"""The logs of attempts: the journal that writes them, reading, searching and verifying them."""
