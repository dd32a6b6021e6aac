"""What `rehearse` and `survive` write."""
