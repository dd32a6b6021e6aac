"""What a catalog leaf exports."""
