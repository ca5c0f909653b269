"""Who is behind a number: contacts, companies, and who is still to be called back."""
