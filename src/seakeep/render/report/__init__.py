"""What `check`, `diagnose`, `services` and `report` write."""
