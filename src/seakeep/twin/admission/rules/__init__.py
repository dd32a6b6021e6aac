"""What validation says of the fields of each kind, in its own order and words."""
