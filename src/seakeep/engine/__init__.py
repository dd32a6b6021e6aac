"""Evaluates, scores and diagnoses. Rules are handed in; nothing here knows the catalog."""
