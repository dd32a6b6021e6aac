"""What scales workloads, and what it sees."""
