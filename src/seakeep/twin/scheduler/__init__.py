"""kube-scheduler's default profile (Kubernetes 1.37), vectorised over nodes. One module per concern; `profile` has their order."""
