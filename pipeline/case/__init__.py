"""The case: reading it, checking it against the schema, and who is who in it."""
