"""Many cases: what to build, who builds it, what became of it."""
