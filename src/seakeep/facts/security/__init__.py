"""How pods are confined, and what their accounts may do."""
