"""Who relies on whom, and which calls fail."""
