"""What makes a case wrong or weak: one file a concern."""
