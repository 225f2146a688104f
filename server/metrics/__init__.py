"""What an operator sees of a node: counted as it happens in plain numbers, put into words when somebody asks."""
