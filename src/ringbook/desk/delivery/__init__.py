"""Reports that go out by the calendar, alerts that go out when something is off, and the log of what went to whom."""
