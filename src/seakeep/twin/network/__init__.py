"""The twin's network: can A reach B on this port, and if not, which object says so? `reach` answers; the others are its parts."""
