"""Whether names can be looked up, and what keeps them from it."""
