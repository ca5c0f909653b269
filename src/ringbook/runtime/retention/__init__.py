"""Retention at work: rules are applied by themselves, once a day, in small steps that a crash does not undo or repeat."""
