"""Builders, playbooks and a testbed, for Seakeep's tests and for those of users' own rules."""
