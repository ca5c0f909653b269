"""What people keep of recordings: notes at a moment, and clips to learn from."""
