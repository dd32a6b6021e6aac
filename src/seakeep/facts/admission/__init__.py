"""What the API server refuses, and why."""
