"""What a node's kubelet does with its pods, and how their applications behave: what they need, and what makes them fail."""
