"""What pod templates ask for, what state pods are in, how roll-outs go."""
