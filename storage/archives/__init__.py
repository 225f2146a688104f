"""Logs of old attempts in files outside of the database, sealed so that erasing a person reaches them too."""
