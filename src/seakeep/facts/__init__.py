"""Pure questions on a snapshot."""
