"""Whatever the client sent, made into clean upright letter pages.  `intake.Intake` is the way in."""
