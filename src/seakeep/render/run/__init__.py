"""What `apply`, `rollback`, `verify` and `history` write."""
