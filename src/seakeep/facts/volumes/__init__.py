"""Claims, volumes, their classes, and what backs them up."""
