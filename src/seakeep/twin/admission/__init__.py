"""What the API server does to a request before it stores it, in its order."""
