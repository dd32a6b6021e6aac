"""Nodes that are drained, lost, upgraded: the eviction API and what kubectl does with it."""
