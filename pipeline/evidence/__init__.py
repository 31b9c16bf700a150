"""Whatever the client sent, made into clean upright letter pages."""
