"""kube-controller-manager's controllers, one file each."""
