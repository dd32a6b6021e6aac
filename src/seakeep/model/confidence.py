"""How sure one may be of a cause, from its own evidence alone."""

PROVEN = 0.95  # the object's own spec and current state (or the server's own message about it) leave no other reading
LIKELY = 0.8  # the evidence names the cause, but one link of the chain was not seen
POSSIBLE = 0.55  # fits everything seen, and so would other causes
HINT = 0.3  # a weakness that could explain symptoms which nothing else explains
