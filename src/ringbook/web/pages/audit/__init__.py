"""Settings, audit log: who did and saw what."""
