"""Files, folders, archives and stdin."""
