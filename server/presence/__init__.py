"""Who is here: connections on this node, their coming, their loss, and those whose node has died."""
