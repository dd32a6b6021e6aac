"""Disruption budgets and evictions."""
