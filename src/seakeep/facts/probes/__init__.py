"""What probes ask, of whom, and how patiently."""
