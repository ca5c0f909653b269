"""The wallboard: today and the last hour in large type, for a screen that nobody touches."""
