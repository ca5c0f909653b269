"""What the organisation says of itself: its name, zone, numbers, queues and hours."""
