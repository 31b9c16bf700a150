"""Generated pages: Jinja2 to Typst to PDF."""
