"""From causes and findings to a plan: proposals, choice, waves, rehearsal."""
