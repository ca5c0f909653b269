"""Reports and alerts of a running process, and sending a report from the terminal."""
