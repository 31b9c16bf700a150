"""Whatever the client sent, made into clean upright letter pages.  `convert` is the way in."""
