"""Letters: what people are told by e-mail, and how it is sent."""
