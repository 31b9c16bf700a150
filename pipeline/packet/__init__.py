"""Plan, layout, assembly, read back and manifest of one packet."""
