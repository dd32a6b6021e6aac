"""Where Services and addresses lead."""
