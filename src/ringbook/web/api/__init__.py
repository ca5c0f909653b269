"""The API under ``/api/v1``: the same calls, rights and scopes as the pages, in JSON."""
