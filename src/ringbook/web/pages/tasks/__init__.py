"""What the viewer has to do, and where they were mentioned."""
