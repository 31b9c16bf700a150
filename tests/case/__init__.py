"""Tests of `pipeline/case`."""
