"""Who controls an object, who owns its fields, who would change it back."""
