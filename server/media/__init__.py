"""Files of tests: pictures, sounds, films and exhibits. What a file is says its content, never its name."""
