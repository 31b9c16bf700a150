"""Dated facts of law with their sources, and their lookups by date."""
