"""English, told to readers of every country: the month is a word."""
