"""What Blackboard writes: pools in a format of its own, and its dialect of QTI 1.2. Neither has a public specification;
both are read as public files have them."""
