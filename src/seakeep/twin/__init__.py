"""The twin: Kubernetes in memory, on a logical clock."""
