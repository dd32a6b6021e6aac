"""Why containers end, what they say, and the images that they run."""
