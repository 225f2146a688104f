"""A client that was written in another language from `protocol/PROTOCOL.md` alone, and what it goes through."""
