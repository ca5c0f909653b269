"""What customers see who were sent a link: one question about one call, without signing in."""
