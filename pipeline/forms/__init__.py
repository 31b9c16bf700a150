"""Editions, inventories, field maps, filling and reading back."""
