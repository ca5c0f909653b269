"""Settings, API tokens."""
