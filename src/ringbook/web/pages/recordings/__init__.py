"""Recordings as they are heard: the audio, the player's part of a call's page, and recordings that wait for their call."""
