"""What a candidate's page and the server may notice while a test is sat, and what a test makes of it."""
