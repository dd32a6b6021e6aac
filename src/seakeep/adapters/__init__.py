"""The border: everything that reads from outside, turned into snapshots."""
