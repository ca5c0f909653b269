"""Work in the background: its progress, what came of it, and exports of calls."""
