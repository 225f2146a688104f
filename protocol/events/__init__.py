"""What the rest of the platform is told: topics, events, and how they are delivered."""
