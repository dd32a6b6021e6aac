"""The directory is the registry: one leaf, one file, one id."""
