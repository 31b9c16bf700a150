"""Click commands: parse, call, print."""
