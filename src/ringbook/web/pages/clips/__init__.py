"""Clips of recordings: the list, one of them with its player, making and changing."""
