"""E-mails: the message as text, then every attachment as pages."""
