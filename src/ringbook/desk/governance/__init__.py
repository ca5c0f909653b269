"""What happened to what: the audit log."""
