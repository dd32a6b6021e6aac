"""Values into text: one file per output form."""
