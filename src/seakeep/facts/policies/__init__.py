"""What NetworkPolicies admit and bar."""
