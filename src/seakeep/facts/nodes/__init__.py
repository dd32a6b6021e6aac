"""Nodes, their own services, and the ways between them."""
