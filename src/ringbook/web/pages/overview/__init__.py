"""The overview: today beside the same weekday of last week, and when and by whom the lines are busy."""
