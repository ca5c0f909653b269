"""What people add to calls: notes, tags, outcome codes, follow-up tasks and fields of their own. None of it overwrites."""
