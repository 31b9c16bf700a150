"""PDF: opened with suspicion, flattened as it looks, set onto letter pages."""
