"""What `report --since` writes."""
