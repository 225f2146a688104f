"""Moodle XML, as Moodle exports question banks: https://docs.moodle.org/en/Moodle_XML_format."""
