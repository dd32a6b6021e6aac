"""The scheduler in the loop of the twin: who waits, who is tried next, and what is written."""
