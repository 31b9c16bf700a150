"""Checking templates: read without filling, filled for many cases, proof-read, and compared with golden texts."""
