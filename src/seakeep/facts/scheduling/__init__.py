"""Which nodes could take a pod, and what keeps it off them."""
