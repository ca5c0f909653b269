"""Recordings, from a file that a phone system wrote to the vault and to the call that it is of."""
