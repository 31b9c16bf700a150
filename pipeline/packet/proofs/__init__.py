"""Proofs of templates: letters of many cases, and what a change of a template changes in them."""
