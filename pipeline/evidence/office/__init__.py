"""Documents of office programs: printed by LibreOffice, and what they hold that a print does not say."""
