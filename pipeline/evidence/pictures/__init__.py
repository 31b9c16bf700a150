"""Pictures: JPEG and PNG bytes are kept as they are, other kinds are stored without loss."""
