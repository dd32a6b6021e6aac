"""What `plan` writes: text, difference, and files for Git."""
