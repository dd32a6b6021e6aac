"""What objects name, and whether it is there."""
