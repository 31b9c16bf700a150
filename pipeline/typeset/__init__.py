"""Typst: text to PDF, and the fonts that come with it."""
