"""Reading a finished packet: what it has to show, what it shows, and the proof that pages of others are untouched."""
